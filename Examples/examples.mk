# Builds and runs the example programs, which use KESS as another package would.

# A build folder of its own. In the main package's one, SwiftPM takes the plan of whichever
# package was built last for its own, and builds nothing.
EXAMPLES_BUILD ?= $(abspath .build-examples)
EXAMPLE_CLIP := Tests/VideoTests/Fixtures/b-frames.mp4

.PHONY: examples
examples: packages
	swift build --package-path Examples --scratch-path $(EXAMPLES_BUILD) $(SWIFT_FLAGS)
	@bin=$(EXAMPLES_BUILD)/release; clip=$$(pwd)/$(EXAMPLE_CLIP); \
	work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; cd "$$work"; \
	for example in CurveToFrames "KeyFrames $$clip" "CustomScorer $$clip" TrainInMemory; do \
	  echo "-- $${example%% *}"; "$$bin"/$$example; \
	done; \
	[ "$$(ls key-*.jpg | wc -l)" = 4 ]
