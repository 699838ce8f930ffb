//! `doctor --probe-api`: what the driver takes for granted, put to the test on one account.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressStyle};
use pipedrive_sql::Error;
use pipedrive_sql::call::Cancel;
use pipedrive_sql::probe::{self, Outcome, PROBES, Step, Verdict};
use serde::Serialize;

use super::finding::Cost;
use crate::arguments::Consent;
use crate::connect::{Connected, Pairs, Ready};
use crate::failure::{Failure, Kind};
use crate::output::{Output, Show, visible};
use crate::query::Interrupt;

/// What became of every assumption.
#[derive(Debug, Serialize)]
struct Verdicts {
    company: String,
    assumptions: Vec<Assumption>,
    /// Why some were not reached.
    stopped: Option<Stopped>,
    /// What it was announced to cost.
    announced: Cost,
    /// What it cost, signing in included; a request that was given up may be missing.
    spent: Cost,
}

/// An assumption, and what became of it.
#[derive(Debug, Serialize)]
struct Assumption {
    assumption: &'static str,
    probe: &'static str,
    #[serde(flatten)]
    fate: Fate,
}

/// What became of an assumption.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Fate {
    /// It was put to the test.
    Judged(Verdict),
    /// The run ended before.
    Open(NotReached),
}

/// The verdict on what was not put to the test.
#[derive(Debug, Serialize)]
#[serde(tag = "verdict", rename = "not_reached")]
struct NotReached {}

/// Why a run ended early.
#[derive(Debug, Serialize)]
struct Stopped {
    kind: &'static str,
    message: String,
}

/// Makes sure that the connection can be made, announces the price, has it agreed to, asks, and shows the verdicts.
///
/// # Errors
/// `NotFound`, `Usage`, `SignIn` for a connection that cannot be made; `Usage` without consent; those of connecting; of a
/// run that was cut short what cut it, after the verdicts; else `Findings` when something does not hold.
pub(super) fn run(pairs: Pairs, yes: bool, interrupt: &Interrupt, output: &Output) -> Result<(), Failure> {
    let ready = Ready::find(pairs, output)?;
    ready.check_token(interrupt.cancel())?;
    let announced = announce(yes, interrupt.cancel(), output)?;
    let connected = ready.open(interrupt.cancel(), output)?;
    let outcome = watched(&connected, output);
    connected.tell_warnings(output);
    let refuted = outcome.findings.iter().filter(|one| matches!(one.verdict, Verdict::Refuted { .. })).count();
    let reached = outcome.findings.len();
    let stopped = outcome.stopped.clone();
    output.value(&Verdicts::of(outcome, &connected, announced))?;
    match (stopped, refuted) {
        (Some(error), _) => Err(cut_short(error, reached)),
        (None, 0) => Ok(()),
        (None, count) => Err(refutation(count)),
    }
}

/// Tells what it will cost, and has that agreed to.
fn announce(yes: bool, cancel: &Cancel, output: &Output) -> Result<Cost, Failure> {
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
    output.confirm(Consent { yes }, &question, cancel)?;
    Ok(announced)
}

/// Of an error the kind, which decides the exit code, and its words.
fn cut_short(error: Error, reached: usize) -> Failure {
    let failure = Failure::from(error);
    let text = format!("{reached} of {} assumptions were reached: {failure}", PROBES.len());
    Failure::new(failure.kind(), text)
}

fn refutation(count: usize) -> Failure {
    let text = format!(
        "{count} of {} assumptions do not hold for this account; docs/ASSUMPTIONS.md says which property turns each off",
        PROBES.len()
    );
    Failure::new(Kind::Findings, text)
}

/// Runs the probes while a terminal shows how far they are. They have no time limit: Ctrl-C stops them.
fn watched(connected: &Connected, output: &Output) -> Outcome {
    let length = u64::try_from(PROBES.len()).unwrap_or_default();
    let bar = if output.is_quiet() { ProgressBar::hidden() } else { ProgressBar::new(length) };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} (Ctrl-C stops)");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let shown = bar.clone();
    let step = move |step: Step<'_>| {
        shown.set_position(u64::try_from(step.done).unwrap_or_default());
        shown.set_message(step.finding.probe.clone());
    };
    let outcome = probe::run(&connected.session, step, &connected.unlimited());
    bar.finish_and_clear();
    outcome
}

impl Verdicts {
    fn of(outcome: Outcome, connected: &Connected, announced: Cost) -> Self {
        let cost = connected.session.cost();
        let mut findings = outcome.findings.into_iter().peekable();
        let assumptions = PROBES.iter().map(|probe| {
            // Findings stand in the order of probes.
            let finding = findings.next_if(|finding| finding.probe == probe.name);
            let fate = finding.map_or(Fate::Open(NotReached {}), |finding| Fate::Judged(finding.verdict));
            Assumption { assumption: probe.assumption, probe: probe.name, fate }
        });
        Self {
            company: connected.session.identity().company_domain,
            assumptions: assumptions.collect(),
            stopped: outcome.stopped.map(|error| {
                let failure = Failure::from(error);
                Stopped { kind: failure.kind().name(), message: failure.to_string() }
            }),
            announced,
            spent: Cost { requests: cost.requests, tokens: cost.tokens },
        }
    }
}

impl Show for Verdicts {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        for Assumption { assumption, probe, fate } in &self.assumptions {
            let (word, text) = match fate {
                Fate::Judged(verdict @ Verdict::Refuted { .. }) => (verdict.word().to_uppercase(), verdict.text()),
                Fate::Judged(verdict) => (verdict.word().to_owned(), verdict.text()),
                Fate::Open(_) => ("open".to_owned(), "not reached"),
            };
            writeln!(out, "{word:<10} {probe}: {assumption}")?;
            writeln!(out, "           {}", visible(text))?;
        }
        let (Cost { requests, tokens }, company) = (self.spent, visible(&self.company));
        if let Some(stopped) = &self.stopped {
            writeln!(out, "ended early: {}", visible(&stopped.message))?;
        }
        writeln!(out, "{requests} requests, {tokens} API tokens; the verdicts are kept for {company}")
    }
}
