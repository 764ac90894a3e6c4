"""Golden pairs: a definition with a slip (`<code>.yaml`) and what its author is told (`<code>.txt`)."""
