//! The exported functions, one file per chapter of the ODBC reference.
