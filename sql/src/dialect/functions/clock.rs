//! CURRENT_TIMESTAMP, CURRENT_DATE and CURRENT_TIME in the zone of the connection.
//!
//! They stand in place of DataFusion's functions of the same names: its `now()` has a type of its own as soon as there
//! is a zone, and the zone would change what other functions do as well. All of a statement see one moment, that at
//! which its execution began.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result as DfResult, ScalarValue, internal_err};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::zone::Zone;

/// What is asked of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Now {
    Timestamp,
    Date,
    Time,
}

impl Now {
    pub(super) const ALL: [Self; 3] = [Self::Timestamp, Self::Date, Self::Time];

    /// The function's name.
    const fn name(self) -> &'static str {
        match self {
            Self::Timestamp => "now",
            Self::Date => "current_date",
            Self::Time => "current_time",
        }
    }

    const fn data_type(self) -> DataType {
        match self {
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Nanosecond),
        }
    }

    /// Its value at a local time in milliseconds.
    fn value(self, local: i64) -> ScalarValue {
        match self {
            Self::Timestamp => ScalarValue::TimestampMillisecond(Some(local), None),
            Self::Date => ScalarValue::Date32(i32::try_from(local.div_euclid(DAY)).ok()),
            Self::Time => ScalarValue::Time64Nanosecond(Some(local.rem_euclid(DAY) * NANOS)),
        }
    }
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Nanoseconds of a millisecond.
const NANOS: i64 = 1_000_000;

/// One of the functions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Clock {
    signature: Signature,
    aliases: Vec<String>,
    what: Now,
    zone: Zone,
}

impl Clock {
    pub(super) fn new(what: Now, zone: Zone) -> Self {
        // DataFusion's own other names.
        let aliases: &[&str] = match what {
            Now::Timestamp => &["current_timestamp"],
            Now::Date => &["today"],
            Now::Time => &[],
        };
        let aliases = aliases.iter().map(|&name| name.to_owned()).collect();
        Self { signature: Signature::nullary(Volatility::Stable), aliases, what, zone }
    }
}

impl ScalarUDFImpl for Clock {
    fn name(&self) -> &str {
        self.what.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(self.what.data_type())
    }

    fn simplify(&self, args: Vec<Expr>, context: &SimplifyContext) -> DfResult<ExprSimplifyResult> {
        let Some(start) = context.query_execution_start_time() else {
            return Ok(ExprSimplifyResult::Original(args));
        };
        let value = self.what.value(self.zone.local(start.timestamp_millis()));
        Ok(ExprSimplifyResult::Simplified(Expr::Literal(value, None)))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        internal_err!("{} has its value before a row is read", self.what.name())
    }
}
