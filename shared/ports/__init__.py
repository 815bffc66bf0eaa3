"""What the domain needs of the world, as Protocols, and the error families every adapter maps to."""
