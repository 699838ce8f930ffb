//! Wrong arguments, generated from the table of functions: what an application does wrong is an error with its SQLSTATE,
//! nothing is written where nothing may be, and every handle works on afterwards.
//!
//! - `call.rs`: calls whose arguments are as they must be; `place.rs`: the memory that they point to
//! - `wrong.rs`: every parameter of every function, wrong in every way that its kind can be
//! - `handles.rs`: handles that are none, or of another kind or connection
//! - `texts.rs`: texts into buffers of every capacity; `sweeps.rs`: every number that stands for something
//! - `deferred.rs`: buffers that are named in one call and used in another
//! - `stand.rs`: how far the statement is; `judge.rs`: what must hold after every call

mod call;
mod deferred;
mod handles;
mod judge;
mod place;
mod stand;
mod sweeps;
mod texts;
mod wrong;

use std::path::Path;

use crate::host::Host;
use judge::Judge;
use stand::{Bench, Stand};

/// Makes all calls. `sparing` leaves out what other calls come near, for slow machines.
pub(crate) fn walk(host: &Host, string: &str, reference: Option<&Path>, sparing: bool) -> Vec<String> {
    let mut judge = Judge::new(host, reference);
    let mut bench = Bench::new(host, string, Stand::Allocated, sparing);
    handles::try_all(&mut judge, &mut bench, string);
    for stand in [Stand::Allocated, Stand::OnRow, Stand::Prepared, Stand::NeedData] {
        if !sparing || matches!(stand, Stand::Allocated | Stand::OnRow) {
            bench.stand_at(stand);
            wrong::try_all(&mut judge, &mut bench, sparing);
        }
    }
    bench.stand_at(Stand::Allocated);
    deferred::try_all(&mut judge, &mut bench, sparing);
    texts::try_all(&mut judge, &mut bench, sparing);
    sweeps::sweep_all(&mut judge, &mut bench, string, sparing);
    bench.end(&mut judge);
    judge.end()
}
