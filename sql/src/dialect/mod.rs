//! ODBC SQL to DataFusion.
