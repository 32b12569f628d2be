# Builds and runs the example programs, which use KESS as another package would.

# The main package's build folder: what is compiled there already is used again.
EXAMPLES_BUILD ?= $(abspath .build)
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
