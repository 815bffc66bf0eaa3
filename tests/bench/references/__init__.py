"""What our functions are measured against; served by functions-framework like them."""
