# The two commands of the README are `make demo` and `make test`; everything they need is found or installed on the way.

CARGO ?= cargo
PORTGATE = target/debug/portgate
KEY = target/demo/builder.key

.PHONY: demo run test services plugins host lint format doc bench clean

demo: plugins          ## start the gateway and show it at work
	@$(PORTGATE) demo

run: plugins           ## start the gateway with the demo's policies and leave it up
	@$(PORTGATE) demo --stay

# Tests wait for each other, for servers and for time to pass: one more than there are cores keeps the cores at work.
test: services plugins ## every test
	@$(CARGO) build --workspace --locked --bin failing-gateway
	@$(PORTGATE) plugin build tests/hostile/plugin --quick --sign $(KEY)
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-$$(($$(getconf _NPROCESSORS_ONLN) + 1))} \
	$(CARGO) test --workspace --locked --no-fail-fast

services:              ## the real servers that tests run against, where this machine lets them be installed
	@tests/services

# What is shown and tested is compiled quickly; `make plugins BUILD=` makes what partners are to call, as the benchmarks do.
BUILD = --quick

plugins: host $(KEY)   ## build the connectors into target/plugins, signed with the key of this checkout
	@$(PORTGATE) plugin build plugins/*/ $(BUILD) --sign $(KEY)

# Made once; policies/signers/builder.toml trusts its public half.
$(KEY): | host
	@$(PORTGATE) plugin keygen $(KEY) >/dev/null

# The program alone, but with the features that the tests need as well (--workspace), so that the engine is compiled once
# and not twice.
host:                  ## build the program `portgate`
	@ls target/debug/deps/libwasmtime-*.rlib >/dev/null 2>&1 || echo "compiling the WebAssembly engine and what else the \
	gateway stands on: about $$((20 / $$(getconf _NPROCESSORS_ONLN) + 2)) minutes, once"
	@$(CARGO) build --workspace --locked --bin portgate

lint:                  ## formatting, clippy and documentation, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked
	@for aside in tests/fuzz tests/bench/envoy; do \
	    $(CARGO) metadata --locked --format-version 1 --manifest-path $$aside/Cargo.toml >/dev/null || exit 1; done

bench: BUILD =
bench: plugins         ## every benchmark (an hour); needs envoy, nginx, wrk and postgresql
	$(CARGO) bench -p portgate-bench
	$(CARGO) run --release -p portgate-bench --bin end_to_end
	$(CARGO) run --release -p portgate-bench --bin durable
	$(CARGO) run --release -p portgate-bench --bin find
	$(CARGO) run --release -p portgate-bench --bin shipments -- --journals sqlite,postgres
	$(CARGO) build --release -p portgate && $(CARGO) run --release -p portgate-tests --bin strangers

clean:
	$(CARGO) clean
