"""Random forms, expressions and answers for tests: the same seed gives the same case."""
