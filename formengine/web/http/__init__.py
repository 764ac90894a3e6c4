"""HTTP without the service: posts, headers, errors, static files, threads, the server."""
