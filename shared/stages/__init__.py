"""One use case per pipeline stage; called by functions with ports as keyword arguments."""
