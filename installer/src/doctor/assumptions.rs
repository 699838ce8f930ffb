//! `doctor --probe-api`: what the driver takes for granted, put to the test on one account.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressStyle};
use pipedrive_sql::probe::{self, PROBES, Step, Verdict};
use serde::Serialize;

use super::finding::Cost;
use crate::arguments::Consent;
use crate::connect::{Connected, Pairs};
use crate::failure::{Failure, Kind};
use crate::output::{Output, Show};
use crate::query::Interrupt;

/// What became of every assumption.
#[derive(Debug, Serialize)]
struct Verdicts {
    company: String,
    assumptions: Vec<Assumption>,
    /// What it was announced to cost.
    announced: Cost,
    /// What it cost, signing in included.
    spent: Cost,
}

/// An assumption, and what became of it.
#[derive(Debug, Serialize)]
struct Assumption {
    assumption: &'static str,
    probe: &'static str,
    #[serde(flatten)]
    verdict: Verdict,
}

/// Announces the price, has it agreed to, asks, and shows the verdicts.
///
/// # Errors
/// `Usage` without consent; those of connecting; `Findings` when something does not hold.
pub(super) fn run(pairs: Pairs, yes: bool, interrupt: &Interrupt, output: &Output) -> Result<(), Failure> {
    let announced: Cost = probe::plan().into();
    let question = format!(
        "{} assumptions are put to the test by reading: at most {} requests, {} API tokens by list price, one \
         that is tried again aside, and 2 for signing in. Go on?",
        PROBES.len(),
        announced.requests,
        announced.tokens
    );
    if yes {
        output.note(question.trim_end_matches(" Go on?"));
    }
    output.confirm(Consent { yes }, &question)?;
    let connected = Connected::open(pairs, interrupt.cancel(), output)?;
    let findings = watched(&connected, output)?;
    connected.tell_warnings(output);
    let verdicts: Vec<_> = PROBES
        .iter()
        .zip(findings)
        .map(|(probe, finding)| Assumption {
            assumption: probe.assumption,
            probe: probe.name,
            verdict: finding.verdict,
        })
        .collect();
    let cost = connected.session.cost();
    let spent = Cost { requests: cost.requests, tokens: cost.tokens };
    let company = connected.session.identity().company_domain;
    let refuted = verdicts.iter().filter(|one| matches!(one.verdict, Verdict::Refuted { .. })).count();
    output.value(&Verdicts { company, assumptions: verdicts, announced, spent })?;
    match refuted {
        0 => Ok(()),
        count => {
            let text = format!(
                "{count} of {} assumptions do not hold for this account; docs/ASSUMPTIONS.md says which property turns \
                 each off",
                PROBES.len()
            );
            Err(Failure::new(Kind::Findings, text))
        }
    }
}

/// Runs the probes while a terminal shows how far they are. They have no time limit: Ctrl-C stops them.
fn watched(connected: &Connected, output: &Output) -> Result<Vec<probe::Finding>, Failure> {
    let length = u64::try_from(PROBES.len()).unwrap_or_default();
    let bar = if output.is_quiet() { ProgressBar::hidden() } else { ProgressBar::new(length) };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} (Ctrl-C stops)");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let shown = bar.clone();
    let step = move |step: Step<'_>| {
        shown.set_position(u64::try_from(step.done).unwrap_or_default());
        shown.set_message(step.finding.probe.clone());
    };
    let found = probe::run(&connected.session, step, &connected.unlimited());
    bar.finish_and_clear();
    Ok(found?)
}

impl Show for Verdicts {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        for one in &self.assumptions {
            let word = one.verdict.word();
            let word =
                if matches!(one.verdict, Verdict::Refuted { .. }) { word.to_uppercase() } else { word.to_owned() };
            writeln!(out, "{word:<10} {}: {}", one.probe, one.assumption)?;
            writeln!(out, "           {}", one.verdict.text())?;
        }
        let (spent, company) = (self.spent, &self.company);
        writeln!(out, "{} requests, {} API tokens; the verdicts are kept for {company}", spent.requests, spent.tokens)
    }
}
