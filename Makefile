# One Makefile, read from top to bottom. Objects go to build/<variant>/, where
# the variant is the compiler and what was asked of it, so that a gcc build, a
# clang build and a sanitizer build stand side by side. Sources are found by
# wildcard: a new file needs no line here.

# --- Variables for the command line ------------------------------------------
#   CC=clang                 another compiler
#   SAN=address,undefined    with sanitizers (or SAN=thread)
#   CI=true                  warnings are errors
#   T="resp hello"           unit: only these modules
#   SEED=n RUNS=n            sim: one seed, or that many from a fresh one
#   CASES="a b"              e2e: only these cases
#   ROWS="a b" RUNS=n JOBS=n restart-matrix: only these rows; pools at a time
#   KILLS=n                  crash-votes: how many
#   CLIENTS="redis hiredis"  check-clients: only these clients
#   TARGET=resp TIME=60      fuzz: which parser, how many seconds
#   BUILD=/some/where        another place for everything that is built
#   PREFIX= DESTDIR=         install

ifeq ($(origin CC),default)
CC := gcc
endif
PYTHON := /usr/bin/python3
TOOLS := tests/tools
PREFIX ?= /usr/local
SYSCONFDIR ?= $(PREFIX)/etc

VARIANT := $(notdir $(CC))$(SAN:%=-%)$(COVERAGE:%=-coverage)
BUILD ?= build
B := $(BUILD)/$(VARIANT)
O := $(B)/objects

# --- Flags -------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
	-Wformat=2 -Wundef -Wcast-qual -Wwrite-strings -Wpointer-arith \
	-Wimplicit-fallthrough -Wswitch-enum $(if $(filter true,$(CI)),-Werror)
LANGUAGE := -std=c11 -D_POSIX_C_SOURCE=200809L -Iinclude -Isentineld
# What compiler, libraries and processor have of it.
supported = $(shell printf '\043include <string.h>\n' | $(CC) -O2 -Werror \
	-U_FORTIFY_SOURCE $(1) -x c -c -o /dev/null - 2>/dev/null && echo '$(1)')
FORTIFY := $(firstword $(call supported,-D_FORTIFY_SOURCE=3) \
	-D_FORTIFY_SOURCE=2)
PLAIN := -O2 -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE $(FORTIFY) \
	$(call supported,-fstack-clash-protection) \
	$(call supported,-fcf-protection)
# Fortified calls would hide from the sanitizers what they are to find.
SANITIZED := -O1 -fPIE -fno-omit-frame-pointer -fsanitize=$(SAN) \
	-fno-sanitize-recover=undefined
COVERED := -O0 -fPIE --coverage

PACKAGES := hiredis libconfig openssl sqlite3 libcares
# Their headers are not ours to warn about, hence -isystem.
LIBRARY_FLAGS := $(patsubst -I%,-isystem %, \
	$(shell pkg-config --cflags $(PACKAGES) cmocka 2>/dev/null))
# libev has no .pc file.
LIBRARIES := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lev -lpthread
CMOCKA := $(shell pkg-config --libs cmocka 2>/dev/null)

MODE := $(if $(SAN),$(SANITIZED),$(if $(COVERAGE),$(COVERED),$(PLAIN)))
COMPILE = $(CC) $(LANGUAGE) $(MODE) -g $(WARNINGS) $(LIBRARY_FLAGS) $(CFLAGS)
LINK = $(CC) $(MODE) -g -pie -Wl,-z,relro,-z,now $(LDFLAGS)

# --- What there is -----------------------------------------------------------

objects = $(patsubst %.c,$(O)/%.o,$(1))
CORE := $(wildcard sentineld/core/*/*.c)
PROTO := $(wildcard sentineld/proto/*/*.c)
MAIN := $(wildcard sentineld/io/main.c)
IO := $(wildcard sentineld/io/*/*.c)
SIM := $(wildcard tests/sim/*.c)
UNIT := $(wildcard tests/unit/test_*.c)
UNIT_SUPPORT := $(filter-out $(UNIT),$(wildcard tests/unit/*.c))
FUZZ := $(wildcard tests/fuzz/fuzz_*.c)
ALL_C := $(CORE) $(PROTO) $(IO) $(MAIN) $(SIM) $(wildcard tests/unit/*.c \
	tests/fuzz/*.c tests/bench/*.c tests/tools/*.c)
ALL_H := $(wildcard include/sentineld/*.h sentineld/*/*.h sentineld/*/*/*.h \
	tests/*/*.h)

DAEMON := $(if $(MAIN),$(B)/sentineld)
LIBS := $(B)/libproto.a $(B)/libcore.a
UNIT_TESTS := $(UNIT:tests/unit/%.c=$(B)/unit/%)
REPLAYS := $(FUZZ:tests/fuzz/fuzz_%.c=$(B)/fuzz/replay_%)
# Tests of an io module are named after it and get the io objects too; all
# others have to do without, which is a check of the layers by itself.
IO_TESTS := $(filter $(patsubst %.c,$(B)/unit/test_%%,$(notdir $(IO))),\
	$(UNIT_TESTS))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests deps deps-dev demo check unit sim sim-long sim-check sim-accept \
	mutants mutants-whole purity-objects check-all model e2e e2e-long restart-matrix compare-sentinel check-clients bench \
	fuzz replay valgrind valgrind-unit coverage generated generated-check format \
	format-check tidy layers purity install uninstall install-check clean help FORCE

all: $(LIBS) $(DAEMON) ## the daemon: build/sentineld
ifneq ($(DAEMON),)
	@ln -sfn $(VARIANT)/sentineld $(BUILD)/sentineld
endif

tests: $(UNIT_TESTS) $(REPLAYS) $(if $(SIM),$(B)/sim) ## build, not run

# What follows from the tables of settings and of commands.
GENERATED := conf/sentineld.conf docs/man/sentineld.conf.5 docs/protocol.md

comma := ,

# --- Compile, archive, link --------------------------------------------------

# Rewritten when the flags change, so that objects of other flags are not kept.
$(B)/flags: FORCE
	@pkg-config --exists $(PACKAGES) cmocka || { \
	    echo "libraries are missing: 'make deps' installs them" >&2; exit 1; }
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(LINK)' | cmp -s - $@ || \
	    echo '$(COMPILE) $(LINK)' > $@

$(O)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(COMPILE) $(EXTRA) -MMD -MP -c -o $@ $<

# The unit tests may look at the core's insides.
$(O)/tests/unit/%.o: EXTRA = -I.

# Which commit it is stands in --version; rewritten when it is another one.
$(B)/commit: FORCE
	@mkdir -p $(@D)
	@$(TOOLS)/commit.sh | cmp -s - $@ || $(TOOLS)/commit.sh > $@
$(O)/sentineld/io/start/options.o: $(B)/commit
$(O)/sentineld/io/start/options.o: \
	EXTRA = -DSENTINELD_COMMIT='"$(shell cat $(B)/commit)"'

$(B)/libcore.a: $(call objects,$(CORE))
$(B)/libproto.a: $(call objects,$(PROTO))
$(B)/libio.a: $(call objects,$(IO))
$(B)/libsupport.a: $(call objects,$(UNIT_SUPPORT))
$(B)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $(filter %.o,$^)

$(B)/sentineld: $(call objects,$(MAIN)) $(B)/libio.a $(LIBS)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBRARIES)

$(B)/sim: $(call objects,$(SIM)) $(B)/libcore.a
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^

# A test that defines __wrap_recv gets every call of recv (cmocka's way to
# make the Nth call fail).
$(IO_TESTS): $(B)/libio.a
$(B)/unit/%: $(O)/tests/unit/%.o $(B)/libsupport.a $(LIBS)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $(addprefix -Wl$(comma)--wrap=,$(sort $(shell \
	    sed -nE 's/.*__wrap_([a-z0-9_]+).*/\1/p' tests/unit/$*.c))) \
	    $< $(B)/libsupport.a $(filter %/libio.a,$^) $(LIBS) \
	    $(LIBRARIES) $(CMOCKA)

$(B)/fuzz/replay_%: $(O)/tests/fuzz/replay.o $(O)/tests/fuzz/fuzz_%.o $(LIBS)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $(filter %.o,$^) $(LIBS) $(LIBRARIES)

# libFuzzer brings its own main; only `make fuzz` asks for this one.
$(B)/fuzz/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(LIBS)
	@mkdir -p $(@D)
	@$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIBS) $(LIBRARIES)

# Rows of the database are made by the store's own tables.
$(B)/fuzz/replay_rows $(B)/fuzz/fuzz_rows: \
	$(call objects,sentineld/io/store/store_tables.c)

# The core's target imitates a world around it.
$(B)/fuzz/replay_core $(B)/fuzz/fuzz_core: \
	$(call objects,$(wildcard tests/fuzz/core_*.c))

-include $(patsubst %.c,$(O)/%.d,$(ALL_C))

# --- Try it ------------------------------------------------------------------

deps: $(BUILD)/deps ## install the packages that are missing (Debian, Ubuntu)
$(BUILD)/deps: $(TOOLS)/deps.sh
	@$(TOOLS)/deps.sh build
	@mkdir -p $(@D) && touch $@

deps-dev: ## the same for clang, clang-format, clang-tidy, cppcheck
	@$(TOOLS)/deps.sh dev

# A second make, because the first one looked for the libraries before they
# were installed.
demo: deps ## a real pool on loopback: kill the master, watch the failover
	@$(MAKE) --no-print-directory -j"$$(nproc)" all
	@$(PYTHON) tests/demo/demo.py --daemon $(B)/sentineld

bench: all ## times beside redis-sentinel's, from the same run
	@$(PYTHON) tests/bench/bench.py --daemon $(B)/sentineld

# --- Tests -------------------------------------------------------------------

check: deps ## what each change has to pass, in a few minutes
	@MAKE='$(MAKE)' $(TOOLS)/check.sh short

check-all: deps ## and the rest: sanitizers, valgrind, long cases
	@MAKE='$(MAKE)' $(TOOLS)/check.sh long

T_TESTS := $(if $(T),$(patsubst %,$(B)/unit/test_%,$(T)),$(UNIT_TESTS))
unit: $(T_TESTS) ## unit tests (T="resp hello": only these)
	@$(TOOLS)/run_tests.sh unit $(T_TESTS)
	@$(if $(T),,$(PYTHON) $(TOOLS)/directive_check.py)

sim: $(B)/sim ## the simulator: SEED=n one run in full, RUNS=n many
	@$(B)/sim $(if $(SEED),--seed $(SEED),--runs $(or $(RUNS),200))

sim-long: $(B)/sim ## TIME=seconds of random runs from fresh seeds; FLAGS=--strict
	@SIM=$(B)/sim $(TOOLS)/sim_long.sh $(or $(TIME),60) $(FLAGS)

sim-check: $(B)/sim ## scripted cases, 400 random runs, events
	@SIM=$(B)/sim $(TOOLS)/sim_check.sh
	@$(PYTHON) $(TOOLS)/event_check.py

sim-accept: $(B)/sim ## rewrite the expected part of the scripted cases
	@$(B)/sim --accept tests/sim/cases/*.txt

model: ## the agreement about who is master, in spin; LONG=1 takes 3 GB
	@tests/model/check.sh

mutants: $(B)/sim ## break the core on purpose: each oracle rule must notice
	@OBJECTS=$(B) tests/sim/run_mutants.sh

mutants-whole: $(B)/sim ## the same, as if nothing were known
	@OBJECTS=$(B) tests/sim/run_mutants.sh --whole

e2e: all ## short cases with real servers
	@$(PYTHON) tests/e2e/run.py --daemon $(B)/sentineld $(CASES)

e2e-long: all ## all cases with real servers
	@$(PYTHON) tests/e2e/run.py --daemon $(B)/sentineld --long $(CASES)

attack: all ## what strangers and bad clients could do, all of it
	@$(PYTHON) tests/e2e/run.py --daemon $(B)/sentineld --long \
	    $(or $(CASES),attack_)

crash-votes: all ## kill -9 while it votes: KILLS=1000
	@$(PYTHON) tests/attack/crash_votes.py --daemon $(B)/sentineld \
	    --kills $(or $(KILLS),1000)

compare-sentinel: all ## the same questions to redis-sentinel and to ours
	@$(PYTHON) tests/compare/compare_sentinel.py --daemon $(B)/sentineld

check-clients: all ## client libraries, installed if need be, and a failover
	@$(PYTHON) tests/clients/run.py --daemon $(B)/sentineld \
	    --packages $(BUILD)/clients $(if $(TABLE),--markdown $(TABLE)) \
	    $(CLIENTS)

chaos-writes: all ## what writers lose, beside redis-sentinel: RUNS=n each
	@$(PYTHON) tests/chaos/writes.py --daemon $(B)/sentineld \
	    --runs $(or $(RUNS),1)
	@$(PYTHON) tests/chaos/gap.py --daemon $(B)/sentineld
	@$(PYTHON) tests/chaos/empty.py --daemon $(B)/sentineld

chaos-empty: all ## keys lost when a master restarts with nothing: RUNS=n each
	@$(PYTHON) tests/chaos/empty.py --daemon $(B)/sentineld \
	    --runs $(or $(RUNS),100)

restart-matrix: all ## restarts beside redis-sentinel: ROWS="aof, KILL" RUNS=n
	@$(PYTHON) tests/chaos/restart_matrix.py --daemon $(B)/sentineld \
	    --runs $(or $(RUNS),1) --jobs $(or $(JOBS),4) $(ROWS)

replay: $(REPLAYS) ## parsers over the corpus of earlier trouble
	@$(TOOLS)/replay.sh $(REPLAYS)

FUZZ_SAN := fuzzer-no-link,address,undefined
fuzz: ## random input for one target: TARGET=resp TIME=60
	@test -n "$(TARGET)" || { echo "say TARGET=, one of:" \
	    $(FUZZ:tests/fuzz/fuzz_%.c=%); exit 1; }
	@$(MAKE) --no-print-directory CC=clang SAN=$(FUZZ_SAN) \
	    $(BUILD)/clang-$(FUZZ_SAN)/fuzz/fuzz_$(TARGET)
	@mkdir -p $(BUILD)/fuzz/$(TARGET) tests/fuzz/corpus/$(TARGET)
	$(BUILD)/clang-$(FUZZ_SAN)/fuzz/fuzz_$(TARGET) \
	    -max_total_time=$(or $(TIME),60) -artifact_prefix=$(BUILD)/fuzz/ \
	    $(BUILD)/fuzz/$(TARGET) tests/fuzz/corpus/$(TARGET)

VALGRIND := valgrind -q --leak-check=full --error-exitcode=99 \
	--suppressions=$(TOOLS)/valgrind.supp
valgrind: valgrind-unit $(B)/sim ## unit tests and cases under valgrind
	@$(if $(T),,$(VALGRIND) $(B)/sim tests/sim/cases/*.txt)

valgrind-unit: $(T_TESTS) ## unit tests alone
	@UNDER_VALGRIND=1 WRAPPER="$(VALGRIND)" \
	    $(TOOLS)/run_tests.sh unit $(T_TESTS)

coverage: ## what unit tests and simulator reach in the core, in text
	-@$(MAKE) --no-print-directory CC=gcc SAN= COVERAGE=1 unit sim-check
	@$(TOOLS)/coverage.sh $(BUILD)/gcc-coverage $(CORE)

# --- Checks of the sources ---------------------------------------------------

$(B)/generate: $(O)/tests/tools/generate.o $(LIBS)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBRARIES)

generated: $(B)/generate ## files that follow from the tables, written anew
	@$(B)/generate $(GENERATED)

generated-check: $(B)/generate ## are they what is committed?
	@$(B)/generate --check $(GENERATED)

# Plain objects, so that a call in the source is a symbol of the same name.
PURE := -O0 -fno-builtin -fno-pie -fno-stack-protector \
	-U_FORTIFY_SOURCE
PURITY_OBJECTS := $(patsubst %.c,$(BUILD)/purity/%.o,$(CORE) $(PROTO) $(IO) \
	$(MAIN))
$(BUILD)/purity/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(LANGUAGE) $(PURE) $(LIBRARY_FLAGS) -MMD -MP -c -o $@ $<
-include $(PURITY_OBJECTS:.o=.d)
purity-objects: $(PURITY_OBJECTS)

# Objects whose source is gone would be looked at, too.
purity: $(PURITY_OBJECTS) ## what core, proto and io objects call
	@rm -f $(filter-out $(PURITY_OBJECTS),$(wildcard \
	    $(BUILD)/purity/sentineld/*/*.o $(BUILD)/purity/sentineld/*/*/*.o))
	@$(PYTHON) $(TOOLS)/purity_check.py --self-test
	@$(PYTHON) $(TOOLS)/purity_check.py $(BUILD)/purity/sentineld

# Likewise.
layers: $(PURITY_OBJECTS) ## who includes whom, who calls whom
	@rm -f $(filter-out $(PURITY_OBJECTS),$(wildcard \
	    $(BUILD)/purity/sentineld/*/*.o $(BUILD)/purity/sentineld/*/*/*.o))
	@$(PYTHON) $(TOOLS)/layer_check.py --self-test
	@$(PYTHON) $(TOOLS)/layer_check.py $(BUILD)/purity/sentineld

format: ## clang-format decides
	@clang-format -i $(ALL_C) $(ALL_H)

format-check: ## is everything as clang-format would have it?
	@clang-format --dry-run -Werror $(ALL_C) $(ALL_H)

TIDIED := $(patsubst %.c,$(O)/%.tidy,$(CORE) $(PROTO) $(IO) $(MAIN) $(SIM))
$(O)/%.tidy: %.c $(ALL_H) .clang-tidy
	@mkdir -p $(@D)
	@echo "  TIDY  $<"
	@clang-tidy --quiet $< -- $(LANGUAGE) $(LIBRARY_FLAGS) 2>/dev/null
	@touch $@

# cppcheck does not see through the loops of queue.h, so what it takes for
# uninitialized is left to the compilers and to valgrind.
tidy: $(TIDIED) ## clang-tidy and cppcheck
	@cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
	    --enable=warning,performance,portability -Iinclude -Isentineld \
	    --suppress=missingIncludeSystem --suppress=uninitvar \
	    --suppress=ctuuninitvar $(CORE) $(PROTO) $(IO) $(MAIN)

# --- The rest ----------------------------------------------------------------

MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERS := $(PREFIX)/lib/sysusers.d/sentineld.conf
BASH_WORDS := $(PREFIX)/share/bash-completion/completions/sentineld
ZSH_WORDS := $(PREFIX)/share/zsh/site-functions/_sentineld
LOGROTATE := $(PREFIX)/share/doc/sentineld/sentineld.logrotate

install: all ## DESTDIR= PREFIX=; an existing configuration stays
	install -D -m 755 $(B)/sentineld $(DESTDIR)$(PREFIX)/bin/sentineld
	install -D -m 644 docs/man/sentineld.8 \
	    $(DESTDIR)$(MANDIR)/man8/sentineld.8
	install -D -m 644 docs/man/sentineld.conf.5 \
	    $(DESTDIR)$(MANDIR)/man5/sentineld.conf.5
	install -d -m 755 $(DESTDIR)$(UNITDIR)
	sed -e 's|/usr/local/bin|$(PREFIX)/bin|g' \
	    -e 's|/usr/local/etc|$(SYSCONFDIR)|g' conf/sentineld.service \
	    > $(DESTDIR)$(UNITDIR)/sentineld.service
	chmod 644 $(DESTDIR)$(UNITDIR)/sentineld.service
	test -e $(DESTDIR)$(SYSCONFDIR)/sentineld.conf || install -D -m 640 \
	    conf/sentineld.conf $(DESTDIR)$(SYSCONFDIR)/sentineld.conf
	install -D -m 644 conf/sentineld.sysusers $(DESTDIR)$(SYSUSERS)
	install -D -m 644 conf/completion/sentineld.bash $(DESTDIR)$(BASH_WORDS)
	install -D -m 644 conf/completion/_sentineld $(DESTDIR)$(ZSH_WORDS)
	install -D -m 644 conf/sentineld.logrotate $(DESTDIR)$(LOGROTATE)

uninstall: ## with the same variables; configuration and state stay
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/sentineld \
	    $(MANDIR)/man8/sentineld.8 $(MANDIR)/man5/sentineld.conf.5 \
	    $(UNITDIR)/sentineld.service $(SYSUSERS) $(BASH_WORDS) \
	    $(ZSH_WORDS) $(LOGROTATE))

install-check: all ## both, into a scratch folder
	@MAKE='$(MAKE)' $(TOOLS)/install_check.sh

clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):[^#]*## \(.*\)/  \1\t\2/p' \
	    $(firstword $(MAKEFILE_LIST)) | expand -t 18
