"""Build and operate: the suite, bundles, the command line, the generated documents. Nothing that ships imports it."""
