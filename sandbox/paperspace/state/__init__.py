"""What the service knows and does, without HTTP. One noun a file; every function takes the World."""
