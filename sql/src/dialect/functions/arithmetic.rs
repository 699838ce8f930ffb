//! Arithmetic that says so when a number does not fit, and SUM of whole numbers.
//!
//! DataFusion's own `+`, `-` and `*` of integers wrap, and its division of floats by zero gives infinity.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::compute::kernels::numeric;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result as DfResult};
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::{LESS_EXACT, NARROW, WIDE, described_as, failure, over_arrays, strict_cast};
use crate::ErrorKind;

/// What is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::dialect) enum Operation {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// The remainder of a division.
    Remainder,
}

impl Operation {
    /// All of them.
    pub(in crate::dialect) const ALL: [Self; 5] =
        [Self::Add, Self::Subtract, Self::Multiply, Self::Divide, Self::Remainder];

    /// The operation of an operator.
    pub(in crate::dialect) const fn of(operator: Operator) -> Option<Self> {
        match operator {
            Operator::Plus => Some(Self::Add),
            Operator::Minus => Some(Self::Subtract),
            Operator::Multiply => Some(Self::Multiply),
            Operator::Divide => Some(Self::Divide),
            Operator::Modulo => Some(Self::Remainder),
            _ => None,
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    fn compute(self, left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Add => numeric::add(left, right),
            Self::Subtract => numeric::sub(left, right),
            Self::Multiply => numeric::mul(left, right),
            Self::Divide => numeric::div(left, right),
            Self::Remainder => numeric::rem(left, right),
        }
    }
}

/// One operation over two numbers of one type.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::dialect) struct Checked {
    operation: Operation,
    signature: Signature,
}

impl Checked {
    /// The function of an operation.
    pub(in crate::dialect) fn new(operation: Operation) -> Self {
        Self { operation, signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.operation {
            Operation::Add => "pipedrive_add",
            Operation::Subtract => "pipedrive_subtract",
            Operation::Multiply => "pipedrive_multiply",
            Operation::Divide => "pipedrive_divide",
            Operation::Remainder => "pipedrive_remainder",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// As the operator would be written.
    fn schema_name(&self, args: &[Expr]) -> DfResult<String> {
        let names: Vec<_> = args.iter().map(|argument| argument.schema_name().to_string()).collect();
        Ok(names.join(&format!(" {} ", self.operation.sign())))
    }

    fn return_type(&self, arg_types: &[DataType]) -> DfResult<DataType> {
        Ok(arg_types[0].clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let (left, right) = (&arrays[0], &arrays[1]);
            let result = self.operation.compute(left, right)?;
            if result.data_type().is_floating() {
                check_floats(self.operation, left, right, &result)?;
            }
            Ok(result)
        })
    }
}

/// A division by zero, and a result that is beyond every DOUBLE.
fn check_floats(operation: Operation, left: &ArrayRef, right: &ArrayRef, result: &ArrayRef) -> DfResult<()> {
    let [left, right, result] = [doubles(left)?, doubles(right)?, doubles(result)?];
    let divides = matches!(operation, Operation::Divide | Operation::Remainder);
    for ((left, right), result) in left.iter().zip(&right).zip(&result) {
        let (Some(left), Some(right), Some(result)) = (left, right, result) else { continue };
        if divides && right == 0.0 {
            return Err(DataFusionError::from(ArrowError::DivideByZero));
        }
        if !result.is_finite() && left.is_finite() && right.is_finite() {
            let text = format!("overflow: {left} {} {right}", operation.sign());
            return Err(failure(ErrorKind::OutOfRange, text));
        }
    }
    Ok(())
}

fn doubles(array: &ArrayRef) -> DfResult<Float64Array> {
    Ok(strict_cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

/// The type in which whole numbers are added up.
const ADDED_UP: DataType = DataType::Decimal128(38, 0);

/// Digits from which DataFusion's sum of a DECIMAL has 38, the type in which whole numbers are added up, too.
const WIDEST: u8 = 28;

/// [`WIDE`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Wide {
    signature: Signature,
}

impl Wide {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

fn wide(from: &DataType) -> DataType {
    match from {
        DataType::Boolean | DataType::Null => ADDED_UP,
        number if number.is_integer() => ADDED_UP,
        DataType::Decimal128(precision, 0) if *precision >= WIDEST => DataType::Decimal256(*precision, 0),
        other => other.clone(),
    }
}

impl ScalarUDFImpl for Wide {
    described_as!(WIDE);

    fn schema_name(&self, args: &[Expr]) -> DfResult<String> {
        Ok(args.iter().map(|argument| argument.schema_name().to_string()).collect())
    }

    fn return_type(&self, arg_types: &[DataType]) -> DfResult<DataType> {
        Ok(wide(&arg_types[0]))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let flags = arrays[0].data_type() == &DataType::Boolean;
            let numbers = if flags { strict_cast(&arrays[0], &DataType::Int64)? } else { arrays[0].clone() };
            strict_cast(&numbers, &wide(arrays[0].data_type()))
        })
    }
}

/// [`NARROW`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Narrow {
    signature: Signature,
}

impl Narrow {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Narrow {
    described_as!(NARROW);

    fn schema_name(&self, args: &[Expr]) -> DfResult<String> {
        Ok(args.iter().map(|argument| argument.schema_name().to_string()).collect())
    }

    fn return_type(&self, arg_types: &[DataType]) -> DfResult<DataType> {
        Ok(if arg_types[0] == ADDED_UP { DataType::Int64 } else { arg_types[0].clone() })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            if arrays[0].data_type() != &ADDED_UP {
                return Ok(Arc::clone(&arrays[0]));
            }
            strict_cast(&arrays[0], &DataType::Int64)
                .map_err(|_| failure(ErrorKind::OutOfRange, "overflow: a SUM is beyond BIGINT"))
        })
    }
}

/// [`LESS_EXACT`] of one type.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::dialect) struct LessExact {
    wanted: DataType,
    signature: Signature,
}

impl LessExact {
    /// The conversion to `wanted`.
    pub(in crate::dialect) fn new(wanted: DataType) -> Self {
        Self { wanted, signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for LessExact {
    described_as!(LESS_EXACT);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(self.wanted.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| strict_cast(&arrays[0], &self.wanted))
    }
}
