//! Environments, connections, statements and descriptors behind tokens.
