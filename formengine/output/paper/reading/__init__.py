"""Reading a PDF that somebody hands in: taken apart in a process of its own, its data and fields as answers."""
