"""Reading a PDF that somebody hands in: parsed in a process of its own, its data and fields as answers."""
