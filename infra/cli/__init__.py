"""`sdr`: the command line of a suite on this machine. Functions never import it."""
