//! `cargo xtask demo`: SQL over a local Pipedrive, through isql, unixODBC, the driver and HTTP.

use crate::build::{Products, build, target_folder};
use crate::isql::query;
use crate::layout::{draw, wrap};
use crate::odbc::{Configuration, DSN};
use crate::sandbox::{Cost, Sandbox};
use crate::{Result, tools};

/// One thing to see.
struct Scene {
    heading: &'static str,
    sql: &'static str,
    /// What the reader may wonder about.
    remark: &'static str,
}

const SCENES: &[Scene] = &[
    Scene {
        heading: "The tables",
        sql: "help",
        remark: "`help` is isql's own command; it calls SQLTables. Tables are known without asking; the one request \
                 proves the token, once for all connections that follow.",
    },
    Scene {
        heading: "The largest contracts won: deals with their persons, organizations and two custom fields",
        sql: r#"SELECT d.id AS deal, o.name AS organization, p.name AS person,
       d."Lead Source", d."Contract Value", d."Contract Value_currency" AS currency
FROM deals d
JOIN persons p ON p.id = d.person_id
JOIN organizations o ON o.id = d.org_id
WHERE d.status = 'won' AND d."Contract Value" IS NOT NULL
ORDER BY d."Contract Value" DESC
LIMIT 8"#,
        remark: "\"Lead Source\" and \"Contract Value\" are custom fields of this company. Pipedrive calls them by \
                 40 hexadecimal digits and sends the number of an option; the driver reads the definitions once and \
                 keeps them.",
    },
    Scene {
        heading: "Value won per owner and month, latest first",
        sql: r#"SELECT u.name AS "owner", EXTRACT(YEAR FROM d.won_time) AS "year", EXTRACT(MONTH FROM d.won_time) AS "month",
       d.currency, COUNT(*) AS deals, SUM(d.value) AS won_value
FROM deals d
JOIN users u ON u.id = d.owner_id
WHERE d.status = 'won'
GROUP BY u.name, EXTRACT(YEAR FROM d.won_time), EXTRACT(MONTH FROM d.won_time), d.currency
ORDER BY "year" DESC, "month" DESC, won_value DESC
LIMIT 12"#,
        remark: "Pipedrive filters by status; the driver joins, groups and sorts.",
    },
    Scene {
        heading: "What a statement would ask of Pipedrive, without asking",
        sql: "EXPLAIN SELECT title, value FROM deals WHERE status = 'won' AND pipeline_id = 1 AND value > 10000",
        remark: "The call is the one that would be made. What stands under checked_here is compared in the driver, \
                 since the API cannot.",
    },
];

/// Shows the scenes; with `keep` the sandbox runs on afterwards until Ctrl-C.
pub(crate) fn run(keep: bool) -> Result<()> {
    println!(
        "Pipedrive ODBC: SQL over a local Pipedrive with made-up data. No account is needed, nothing leaves this machine.\n"
    );
    tools::install(&[tools::ISQL, tools::ODBC_FILES])?;
    println!("Building the driver and the sandbox. A first build takes about five minutes.");
    let products =
        build(&["-p", "pipedrive-odbc-driver", "-p", "pipedrive-odbc-tests", "--lib", "--bin", "pipedrive-sandbox"])?;
    let sandbox = Sandbox::start(&products.sandbox)?;
    println!("The sandbox, a local Pipedrive, listens at {}.", sandbox.url);
    let folder = target_folder()?.join("demo");
    let mut configuration = Configuration::write(folder, &products.driver, &sandbox.url, &sandbox.token)?;
    for (number, scene) in (1..).zip(SCENES) {
        show(number, scene, &sandbox, &configuration)?;
    }
    if keep {
        configuration.keep();
        println!("\n{}", by_hand(&products, &sandbox, &configuration));
        println!("\nThe sandbox runs until you press Ctrl-C.");
        return sandbox.wait();
    }
    println!("\n{}", afterwards(&products));
    Ok(())
}

fn show(number: usize, scene: &Scene, sandbox: &Sandbox, configuration: &Configuration) -> Result<()> {
    println!("\n{number}. {}\n", scene.heading);
    scene.sql.lines().for_each(|line| println!("  {line}"));
    sandbox.reset()?;
    let rows = query(configuration, scene.sql)?;
    println!("\n{}", draw(&rows));
    println!("  Cost, as the sandbox counted it: {}.", words(sandbox.cost()?));
    print!("{}", wrap(scene.remark));
    Ok(())
}

fn words(cost: Cost) -> String {
    let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!("{}, {}", plural(cost.requests, "request"), plural(cost.tokens, "API token"))
}

/// How to go on while the sandbox runs.
fn by_hand(products: &Products, sandbox: &Sandbox, configuration: &Configuration) -> String {
    let exports = configuration.variables().map(|(name, path)| format!("  export {name}='{}'", path.display()));
    let string = connection_string(products, sandbox, configuration);
    format!(
        "To go on by hand, in another terminal:\n\n{}\n  isql -v {DSN}\n\n\
         From Python there (pip install pyodbc):\n\n  import pyodbc\n  connection = pyodbc.connect(\"DSN={DSN}\")\n  \
         for row in connection.execute(\"SELECT TOP 5 title, value FROM deals ORDER BY value DESC\"): print(row)\n\n\
         The connection string, for any program that uses unixODBC, without the exports too:\n\n  {string}",
        exports.join("\n")
    )
}

fn connection_string(products: &Products, sandbox: &Sandbox, configuration: &Configuration) -> String {
    let (driver, state) = (products.driver.display(), configuration.state());
    let (url, token) = (&sandbox.url, &sandbox.token);
    format!("Driver={driver};APIToken={token};BaseURL={url};StateLocation={}", state.display())
}

/// How to go on after the sandbox has ended.
fn afterwards(products: &Products) -> String {
    let driver = products.driver.display();
    format!(
        "The sandbox has ended. `cargo xtask demo --keep` leaves it running and prints how to connect to it with isql \
         and Python.\n\nFor an account of your own, the connection string is\n\n  \
         Driver={driver};CompanyDomain=your-company;APIToken=your-token\n\n\
         (your-company as in https://your-company.pipedrive.com; the token is under Personal preferences > API).\n\
         With it: isql -v -k \"...\", or pyodbc.connect(\"...\"). README.md has the rest."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_read_as_a_sentence() {
        assert_eq!(words(Cost { requests: 1, tokens: 2 }), "1 request, 2 API tokens");
        assert_eq!(words(Cost { requests: 0, tokens: 1 }), "0 requests, 1 API token");
    }
}
