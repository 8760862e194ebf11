# Three words: run, test, check. Whatever they need beyond the .NET SDK and Node they bring themselves.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

WEB := src/ProcesStandardu.Web
SERVER := artifacts/bin/ProcesStandardu.Web/release/ProcesStandardu.Web.dll
BUILT := artifacts/run.stamp
NPM_LOCK := $(WEB)/node_modules/.lock-hash
# Folders too, since a file that is gone shows only in its folder's date.
SOURCES := $(shell find src workflows data Directory.*.props global.json \( -name node_modules -o -path '*/wwwroot/lib' \) -prune -o -print 2>/dev/null | grep -v -x -e src -e '$(WEB)' -e '$(WEB)/wwwroot')

.PHONY: help run build test bench bench-votes bench-audit crash check format clean test-needs chromium bench-deadlines bench-uploads chaos soak bench-scale

help: ## What can be asked
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

run: $(BUILT) ## The demo on http://localhost:5080 (or ASPNETCORE_URLS); data in .data (or PROCES_DATA)
	@cd $(WEB) && exec env Demo__Enabled="$${Demo__Enabled:-true}" dotnet ../../$(SERVER)

# A second start builds and restores nothing.
$(BUILT): $(SOURCES) $(NPM_LOCK)
	@echo "ProcesStandardu: buduję program / building (the first time takes a minute or two) …"
	dotnet build $(WEB) -c Release -v minimal -clp:NoSummary
	@mkdir -p $(@D) && touch $@

$(NPM_LOCK): ;

build: ## Everything, warnings as errors
	dotnet build ProcesStandardu.sln -v minimal

# Built first, then one test project after another: they share two cores, a browser and a database server each.
test: test-needs build ## All tests; the last line is the sum
	@mkdir -p artifacts; status=0; \
	dotnet test ProcesStandardu.sln --no-build -m:1 $(if $(FILTER),--filter "$(FILTER)") 2>&1 | tee artifacts/test.log || status=$$?; \
	awk '/(Passed|Failed)! +- Failed:/ { gsub(",", ""); for (i = 1; i < NF; i++) { if ($$i == "Failed:") f += $$(i+1); if ($$i == "Passed:") p += $$(i+1); if ($$i == "Skipped:") s += $$(i+1) } } \
	  END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' artifacts/test.log; \
	exit $$status

# Alone on the machine: what else runs is measured too, though the limit and the engine take turns.
bench: ## The engine against SQL by hand on one PostgreSQL (about five minutes; QUICK=1: one; PART="c8 cost": parts of it); last lines name: value
	@dotnet build tests/ProcesStandardu.Bench -c Release -v quiet -clp:NoSummary
	@artifacts/bin/ProcesStandardu.Bench/release/ProcesStandardu.Bench $(if $(QUICK),--quick) $(PART)

crash: tests/node_modules/.package-lock.json ## Kills nodes at every place of their work and counts; KILLS=5 VOTERS=15 SEED=1
	dotnet build tests/ProcesStandardu.Crash -c Release -v quiet -clp:NoSummary
	dotnet artifacts/bin/ProcesStandardu.Crash/release/ProcesStandardu.Crash.dll run $${KILLS:-5} $${VOTERS:-15} $${SEED:-1}

CRASH := artifacts/bin/ProcesStandardu.Crash/release/ProcesStandardu.Crash.dll

# Three processes of the product on one PostgreSQL; with CLOCKS=1 their clocks are set wrong as well, where faketime is installed.
chaos: tests/node_modules/.package-lock.json ## Faults on three nodes under load, then rolling restarts (about seven minutes; SECONDS_OF_FAULTS=60 SEED=1 CLOCKS=1); last lines name: value
	dotnet build tests/ProcesStandardu.Crash -c Release -v quiet -clp:NoSummary
	dotnet $(CRASH) chaos $${SECONDS_OF_FAULTS:-240} $${SEED:-1}

soak: tests/node_modules/.package-lock.json ## Load on three nodes for hours (HOURS=2): memory, handles, connections
	dotnet build tests/ProcesStandardu.Crash -c Release -v quiet -clp:NoSummary
	dotnet $(CRASH) soak $$(( $${HOURS:-2} * 3600 )) $${SEED:-1}

bench-scale: tests/node_modules/.package-lock.json ## Votes and pages a second against nodes and rows (about three minutes; ROWS=100000), as in docs/scale.md
	dotnet build tests/ProcesStandardu.Crash -c Release -v quiet -clp:NoSummary
	dotnet $(CRASH) scale $${LENGTH:-8} $${ROWS:-1000000}

bench-votes: test-needs ## A vote from form to receipt at 50 votes a second on one document; prints vote_p95_ms
	dotnet build tests/ProcesStandardu.Web.Tests -c Release -v q
	artifacts/bin/ProcesStandardu.Web.Tests/release/ProcesStandardu.Web.Tests -explicit only -class '*VoteBench' | grep -E '^vote|FAIL|Total'

bench-uploads: test-needs ## Votes while 2 GB and slow uploads come, and a document of 200 pages opened and compared
	dotnet build tests/ProcesStandardu.Web.Tests -c Release -v q
	artifacts/bin/ProcesStandardu.Web.Tests/release/ProcesStandardu.Web.Tests -explicit only -class '*UploadBench' | grep -E '^[a-z0-9_]+: |FAIL|Total'

bench-audit: ## A million entries of the history: how long verify-history takes; prints verify_seconds (limit 60)
	dotnet build tests/ProcesStandardu.Approval.Tests -c Release -v q
	artifacts/bin/ProcesStandardu.Approval.Tests/release/ProcesStandardu.Approval.Tests -explicit only -class '*HistoryBench' -showLiveOutput | grep -E 'verify|FAIL|Total'

test-needs: tests/node_modules/.package-lock.json chromium

tests/node_modules/.package-lock.json: tests/package-lock.json
	@echo "npm: pobieram pakiety testów / fetching the tests' packages …"
	cd tests && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

chromium:
	@if ! command -v "$${PROCES_CHROMIUM:-chromium}" >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "apt-get: instaluję Chromium dla testów / installing Chromium for the tests …"; \
	    export DEBIAN_FRONTEND=noninteractive; \
	    apt-get install -y -q --no-install-recommends chromium >/dev/null 2>&1 \
	      || { apt-get update -q && apt-get install -y -q --no-install-recommends chromium; } </dev/null; \
	  else \
	    echo "Brak Chromium: sudo apt-get install chromium (albo PROCES_CHROMIUM=ścieżka) / Chromium is missing: install it, or set PROCES_CHROMIUM to its path" >&2; \
	    exit 1; \
	  fi; \
	fi

check: build format test ## What a change must pass: build, format, tests, known holes in packages
	@if [ -z "$${CI:-}" ]; then npm audit --omit=dev --prefix $(WEB) || echo "npm audit: bez odpowiedzi albo z uwagami / no answer, or findings above"; \
	  dotnet list ProcesStandardu.sln package --vulnerable --include-transitive || echo "NuGet: bez odpowiedzi / no answer"; fi

# Style is the build's business (warnings are errors); what it does not see is white space.
format: ## Says where the code is not laid out as .editorconfig asks; make format FIX=1 mends it
	dotnet format whitespace src --folder $(if $(FIX),,--verify-no-changes) --exclude src/ProcesStandardu.Web/node_modules
	dotnet format whitespace tests --folder $(if $(FIX),,--verify-no-changes) --exclude tests/node_modules

bench-deadlines: test-needs ## 10,000 deadlines that end in one second: how long, and how pages answer meanwhile
	dotnet run --project tests/ProcesStandardu.Web.Tests -c Release -- -explicit only -class '*DeadlineBench' -showLiveOutput

clean: ## Removes what was built; the data in .data stay
	rm -rf artifacts $(WEB)/wwwroot/lib $(WEB)/node_modules tests/node_modules
