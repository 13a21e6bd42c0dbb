"""Can a synthetic patient be traced to a real one? One attack a file, held-out rows as control."""
