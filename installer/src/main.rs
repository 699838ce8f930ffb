//! `pipedrive-odbc`: installs the driver, manages data sources, signs in, queries and finds faults.

use clap::Parser;

/// Pipedrive as a SQL database, through ODBC
#[derive(Debug, Parser)]
#[command(name = "pipedrive-odbc", version)]
struct Arguments {}

fn main() {
    Arguments::parse();
}
