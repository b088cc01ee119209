"""Short versions of the scenarios of `make chaos-writes`: whom the promises
cover loses nothing, and everybody writes again. The pool is in network
namespaces where they are allowed, else behind proxies."""

import os
import sys

from harness.cases import case
from harness.lab import Skipped

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)),
                                "chaos"))

import networks  # noqa: E402
import scenarios  # noqa: E402
from scene import SHORT, Scene  # noqa: E402

WRITES_AT_LEAST = 20
BUSY_S = 0.5  # a client notes an answer later than it came


def play(lab, title, pace=SHORT):
    """What became of the writers of the scenario, by their labels."""
    scenario = next(each for each in scenarios.ALL if each.title == title)
    network, reason = networks.best()
    if not scenario.fits(network):
        raise Skipped("needs network namespaces: %s" % reason)
    results = Scene(lab, scenario, network, pace).play()
    found = {writers.label: result
             for writers, result in zip(scenario.writers, results)}
    for label, result in found.items():
        assert result["acknowledged"] >= WRITES_AT_LEAST, (label, result)
    return found


def assert_none_lost(found, *labels):
    for label in labels:
        assert found[label]["lost"] == 0, (label, found[label])


def assert_few_lost(found, *labels):
    """Only what was on its way: of seconds of writes, not half."""
    for label in labels:
        result = found[label]
        assert 2 * result["lost"] < result["acknowledged"], (label, result)


def assert_lost_within_bound(found, *labels):
    """What the supervisors told, and not all the time that it was cut off. A
    sign of life of its replicas that was on its way may open the master for a
    moment, once the cut is over."""
    for label in labels:
        result = found[label]
        assert 10 * result["late"] < result["acknowledged"], (label, result)
        assert result["losing_s"] < result["bound_ms"] / 1000 + BUSY_S, \
            (label, result)


@case("planned: nobody loses a write")
def planned(lab):
    assert_none_lost(play(lab, "planned"), "follow", "pooled")


@case("forced: what was on its way is lost, no more")
def forced(lab):
    assert_few_lost(play(lab, "forced"), "follow", "pooled")


@case("crash: what was on its way is lost, no more")
def crash(lab):
    assert_few_lost(play(lab, "crash"), "follow", "pooled")


@case("hang: what was on its way is lost, no more")
def hang(lab):
    assert_few_lost(play(lab, "hang"), "follow", "pooled")


@case("crash: a replica of another history is not taken")
def stranger(lab):
    assert_few_lost(play(lab, "crash, a replica of another history"),
                    "follow", "pooled")


@case("crash: the replica that lags is not taken")
def crash_lag(lab):
    assert_none_lost(play(lab, "crash, a replica lags"), "WAIT 1")


@case("forced: the replica that lags is not taken")
def forced_lag(lab):
    assert_none_lost(play(lab, "forced, a replica lags"), "WAIT 1")


@case("crash, and whoever is elected is cut off: another goes on")
def leader(lab):
    assert_few_lost(play(lab, "crash, the leader is cut off"),
                    "follow", "pooled")


@case("a master that is back at once and empty: all find their places")
def empty(lab):
    play(lab, "empty and back at once")


@case("cut off with its clients: WAIT confirms nothing that is lost")
def cut_off(lab):
    found = play(lab, "cut off with its clients")
    assert_none_lost(found, "WAIT 1, inside")
    assert_few_lost(found, "follow")


@case("cut off with its clients, fencing: no more is lost than is told")
def cut_off_fenced(lab):
    found = play(lab, "the same, fencing = availability")
    assert_lost_within_bound(found, "pooled, inside")
    assert_none_lost(found, "WAIT 1, inside")


@case("the same with policy safety: no more is lost than is told")
def cut_off_safe(lab):
    found = play(lab, "the same, fencing = safety")
    assert_lost_within_bound(found, "pooled, inside")
    assert_none_lost(found, "WAIT 1, inside")


@case("cut off with clients and a replica: the others go on")
def cut_off_with_replica(lab):
    assert_few_lost(play(lab, "cut off with clients and a replica"), "follow")


@case("cut off with clients and a replica, durability 1: WAIT is true")
def cut_off_durable(lab):
    found = play(lab, "the same, durability = 1")
    assert_none_lost(found, "WAIT 1, inside")
    assert_few_lost(found, "follow", "pooled, inside")


@case("cut off with clients and a supervisor: the others go on")
def cut_off_with_supervisor(lab):
    found = play(lab, "cut off with clients and a supervisor")
    assert_none_lost(found, "WAIT 1, inside")
    assert_few_lost(found, "follow")


@case("a master that hears and is not heard is replaced, as one cut off is")
def mute(lab):
    found = play(lab, "cut one way: the master is not heard")
    assert_none_lost(found, "WAIT 1, inside")
    assert_few_lost(found, "follow")


@case("a master that only supervisors do not hear stays: nobody loses a write")
def mute_to_supervisors(lab):
    # What replicas report is proof only while it is younger than that.
    patient = SHORT._replace(down_after_ms=1500)
    found = play(lab, "cut one way: supervisors do not hear it", patient)
    assert found["follow"]["demoted_after_s"] is None, "it was replaced"
    assert_none_lost(found, "follow", "pooled")
