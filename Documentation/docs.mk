# Documentation that is made from the sources: `include Documentation/docs.mk`.

# The main room of each library product.
DOCS ?= KeySelection KeyEvents Descriptions Training Pipeline
# A build folder of its own, and the list of resolved packages put back: no other build
# resolves the plugin.
DOCS_BUILD ?= .build-docs
DOCS_OUT ?= .build/docs

.PHONY: docs model-tables
# One archive per room, for any static web server.
docs: packages
	@mkdir -p '$(DOCS_OUT)'
	@if [ -f Package.resolved ]; then cp Package.resolved '$(DOCS_OUT)/resolved'; \
	  trap "mv '$(DOCS_OUT)/resolved' Package.resolved" EXIT; \
	else trap 'rm -f Package.resolved' EXIT; fi; \
	for room in $(DOCS); do \
	  KESS_DOCC=1 swift package --scratch-path '$(DOCS_BUILD)' \
	    --allow-writing-to-directory '$(DOCS_OUT)' generate-documentation --target $$room \
	    --output-path '$(DOCS_OUT)'/$$room --transform-for-static-hosting \
	    --hosting-base-path $$room; \
	done
	@echo 'python3 -m http.server --directory $(DOCS_OUT), then http://localhost:8000/<Room>/documentation/<room>'

# Writes the tables of Documentation/training.md from `train-dbm models`.
model-tables: test-build
	@KESS_WRITE_TABLES=1 swift test $(SWIFT_FLAGS) --skip-build --disable-xctest --filter TrainingPageTests
