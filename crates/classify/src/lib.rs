//! Knows sensitive data by its looks: bytes in, classes with confidence out.
