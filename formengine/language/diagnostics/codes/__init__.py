"""The tables of codes, one for each area of the engine."""
