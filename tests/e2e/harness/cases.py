"""Marks functions as cases and finds them."""

import importlib
import pkgutil


class Case:
    """A function that takes a Lab, and what the runner needs to know."""

    def __init__(self, function, title, **options):
        self.function = function
        self.title = title
        self.long = options.pop("long", False)
        self.limit_s = options.pop("limit_s", 90)
        # It measures times: nothing of ours should run beside it.
        self.alone = options.pop("alone", False)
        # Whether redis-sentinel would pass too: then the case proves, run
        # against it, that it asks for Sentinel's behaviour.
        self.any_daemon = options.pop("any_daemon", False)
        assert not options, "unknown case options %s" % options
        self.module = function.__module__.rsplit(".", 1)[-1]
        self.name = "%s.%s" % (self.module.replace("test_", "", 1),
                               function.__name__)


_cases = []


def case(title, **options):
    """Decorator: this function is a case."""
    def mark(function):
        _cases.append(Case(function, title, **options))
        return function
    return mark


def all_cases(*packages):
    """Every case of the packages' test_*.py modules, in order of file."""
    for package in packages:
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.startswith("test_"):
                importlib.import_module("%s.%s" % (package.__name__,
                                                   module.name))
    return list(_cases)
