"""What must hold for each row of the restart matrix."""

BACK_S = 1.0
# Cores that are shared: a full synchronisation and the look at it take time.
NOISE_S = 0.5


def broken_rules(ours, theirs=None, noise_s=NOISE_S):
    """Sentences, one for each rule that our result of a row breaks; `theirs`
    is what redis-sentinel made of the same row, or None."""
    found = []
    if theirs is not None and ours["lost"] > theirs["lost"]:
        found.append("%d writes lost, with redis-sentinel %d" % (
            ours["lost"], theirs["lost"]))
    if ours["replicated_lost"]:
        found.append("%d lost that the replicas had"
                     % ours["replicated_lost"])
    if ours["lacked"] == 0:
        found += broken_by_needless_trouble(ours, theirs, noise_s)
    if ours["cut"]:
        found.append("readers cut off %d times" % ours["cut"])
    return found


def broken_by_needless_trouble(ours, theirs, noise_s):
    """Nobody had more than the master that is back. Left alone, replicas need
    up to a second to notice it, and then a full synchronisation."""
    found = []
    limit_s = max(BACK_S + noise_s, theirs["back_s"] if theirs else 0.0)
    if ours["failovers"]:
        found.append("%d failovers for nothing" % ours["failovers"])
    if ours["lost"]:
        found.append("%d writes lost for nothing" % ours["lost"])
    if ours["back_s"] > limit_s:
        found.append("replicas back after %.1f s" % ours["back_s"])
    return found
