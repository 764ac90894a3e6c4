"""Where the service keeps what people entrust to it."""
