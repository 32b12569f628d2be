// A program that has this target among its dependencies keeps the memory that it frees, in one
// pool for all threads, until it ends.
//
// A training step allocates and frees the same gigabytes again and again. By itself the allocator
// returns every large array to the system, which clears its pages anew for the next one: a third of
// a step of 128 videos.
