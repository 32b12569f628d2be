#define KESS_LOOPS kess_training_loops_baseline
#define KESS_LOOPS_NAME "no extension"
#include "training_loops_body.h"

