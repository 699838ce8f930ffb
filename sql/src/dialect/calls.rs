//! Functions by their ODBC names and with their ODBC meaning, in terms of what DataFusion has.
//!
//! Meaning: appendix E of the ODBC reference, "Scalar Functions".
//! A function means the same with and without `{fn }`, since tools take escapes off.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, ObjectNamePart,
};

use super::functions::{COUNT, LOCATE, NARROW, TIMESTAMP_ADD, TIMESTAMP_DIFF, WIDE};
use super::literals::{MILLISECONDS, integer, text};
use crate::model::CATALOG;
use crate::{Error, ErrorKind, Result};
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;

/// The names that may stand after `{fn`.
pub(super) const SCALAR_FUNCTIONS: &[&str] = &[
    "ascii",
    "bit_length",
    "char",
    "char_length",
    "character_length",
    "concat",
    "insert",
    "lcase",
    "left",
    "length",
    "locate",
    "ltrim",
    "octet_length",
    "position",
    "repeat",
    "replace",
    "right",
    "rtrim",
    "space",
    "substring",
    "ucase",
    "abs",
    "acos",
    "asin",
    "atan",
    "atan2",
    "ceiling",
    "cos",
    "cot",
    "degrees",
    "exp",
    "floor",
    "log",
    "log10",
    "mod",
    "pi",
    "power",
    "radians",
    "rand",
    "round",
    "sign",
    "sin",
    "sqrt",
    "tan",
    "truncate",
    "current_date",
    "current_time",
    "current_timestamp",
    "curdate",
    "curtime",
    "dayname",
    "dayofmonth",
    "dayofweek",
    "dayofyear",
    "extract",
    "hour",
    "minute",
    "month",
    "monthname",
    "now",
    "quarter",
    "second",
    "timestampadd",
    "timestampdiff",
    "week",
    "year",
    "database",
    "ifnull",
    "convert",
    "cast",
];

/// The name under which the parser gets a function whose own name means something else to it.
pub(super) fn parsed_as(name: &str) -> Option<&'static str> {
    PARSED_AS.iter().find(|(odbc, _)| *odbc == name).map(|(_, parsed)| *parsed)
}

const PARSED_AS: &[(&str, &str)] = &[("insert", "odbc_insert"), ("char", "chr"), ("database", "odbc_database")];

/// Functions that exist under another name, with the same arguments.
const RENAMED: &[(&str, &str)] = &[
    ("ucase", "upper"),
    ("lcase", "lower"),
    ("ceiling", "ceil"),
    ("curdate", "current_date"),
    ("curtime", "current_time"),
    ("to_timestamp", "to_timestamp_millis"),
];

/// Parts of a date or time, by ODBC's names.
const PARTS: &[(&str, &str)] = &[
    ("year", "year"),
    ("quarter", "quarter"),
    ("month", "month"),
    ("dayofmonth", "day"),
    ("dayofyear", "doy"),
    ("hour", "hour"),
    ("minute", "minute"),
    ("second", "second"),
];

/// Names of days and months, in English.
const NAMES: &[(&str, &str)] = &[("dayname", "%A"), ("monthname", "%B")];

/// Functions whose result has no sign in DataFusion; SQL's integers have one.
const UNSIGNED: &[&str] = &["row_number", "rank", "dense_rank", "ntile", "approx_distinct"];

/// `name(arguments)`.
pub(super) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let args = arguments.into_iter().map(|argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))).collect();
    Expr::Function(Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(Ident::new(name))]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// `CAST(expr AS data_type)`.
pub(super) fn cast_to(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast {
        kind: datafusion::sql::sqlparser::ast::CastKind::Cast,
        expr: Box::new(expr),
        data_type,
        array: false,
        format: None,
    }
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// Rewrites a function call in place.
///
/// # Errors
/// `Syntax` for a wrong number of arguments, `NotSupported`.
pub(super) fn rewrite(expr: &mut Expr) -> Result<()> {
    let Expr::Function(function) = expr else { return Ok(()) };
    let Some(name) = single_name(function) else { return Ok(()) };
    if UNSIGNED.contains(&name.as_str()) {
        let whole = std::mem::replace(expr, super::literals::null());
        *expr = cast_to(whole, DataType::BigInt(None));
    } else if name == "sum" {
        sum(expr);
    } else if let Some((_, other)) = RENAMED.iter().find(|(odbc, _)| *odbc == name) {
        function.name = ObjectName(vec![ObjectNamePart::Identifier(Ident::new(*other))]);
    } else if let Some(arguments) = plain_arguments(function)
        && let Some(rewritten) = scalar(&name, arguments)?
    {
        *expr = rewritten;
    }
    Ok(())
}

fn single_name(function: &Function) -> Option<String> {
    match function.name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Some(name.value.clone()),
        _ => None,
    }
}

/// The arguments of a call without DISTINCT, OVER, FILTER and the like.
fn plain_arguments(function: &Function) -> Option<Vec<Expr>> {
    if function.over.is_some() || function.filter.is_some() {
        return None;
    }
    match &function.args {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::List(list) if list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
            list.args.iter().map(argument).collect()
        }
        _ => None,
    }
}

fn argument(argument: &FunctionArg) -> Option<Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    }
}

/// SUM of whole numbers is added up in DECIMAL(38,0) and narrowed to BIGINT at the end: DataFusion's own sum wraps.
fn sum(expr: &mut Expr) {
    if let Expr::Function(function) = expr
        && let FunctionArguments::List(list) = &mut function.args
        && let [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] = list.args.as_mut_slice()
    {
        let inner = std::mem::replace(argument, super::literals::null());
        *argument = call(WIDE, vec![inner]);
        let whole = std::mem::replace(expr, super::literals::null());
        *expr = call(NARROW, vec![whole]);
    }
}

/// A scalar function in terms of others; `None` for one that DataFusion has as it is.
fn scalar(name: &str, arguments: Vec<Expr>) -> Result<Option<Expr>> {
    if let Some((_, part)) = PARTS.iter().find(|(odbc, _)| *odbc == name) {
        return Ok(Some(date_part(part, one(name, arguments)?)));
    }
    if let Some((_, format)) = NAMES.iter().find(|(odbc, _)| *odbc == name) {
        let moment = cast_to(one(name, arguments)?, MILLISECONDS);
        return Ok(Some(call("to_char", vec![moment, text(*format)])));
    }
    let rewritten = match name {
        "length" => {
            let argument = cast_to(one(name, arguments)?, DataType::Varchar(None));
            call("character_length", vec![call("rtrim", vec![argument])])
        }
        "coalesce" | "ifnull" | "nvl" if arguments.len() > 1 => coalesce(arguments),
        "locate" => locate(arguments)?,
        "space" => call("repeat", vec![text(" "), one(name, arguments)?]),
        "lpad" | "rpad" if arguments.len() >= 2 => {
            let mut arguments = arguments;
            arguments[1] = call(COUNT, vec![arguments[1].clone()]);
            call(name, arguments)
        }
        "odbc_insert" => insert(arguments)?,
        "log" if arguments.len() == 1 => call("ln", arguments),
        "mod" => {
            let [left, right] = exactly(name, arguments)?;
            binary(left, BinaryOperator::Modulo, right)
        }
        "power" => {
            let [base, exponent] = exactly(name, arguments)?;
            call("power", vec![double(base), double(exponent)])
        }
        "sign" => cast_to(call("signum", vec![one(name, arguments)?]), DataType::BigInt(None)),
        "truncate" => {
            let [number, places] = exactly(name, arguments)?;
            call("trunc", vec![number, places])
        }
        "rand" if arguments.is_empty() => call("random", Vec::new()),
        "rand" => return Err(Error::new(ErrorKind::NotSupported, "RAND with a seed is not offered")),
        "now" | "current_timestamp" => call("now", Vec::new()),
        "current_time" | "current_date" => call(name, Vec::new()),
        "dayofweek" => plus_one(date_part("dow", one(name, arguments)?)),
        "week" => {
            let day = binary(date_part("doy", one(name, arguments)?), BinaryOperator::Minus, integer(1));
            plus_one(binary(day, BinaryOperator::Divide, integer(7)))
        }
        "timestampadd" => with_unit(name, TIMESTAMP_ADD, arguments)?,
        "timestampdiff" => with_unit(name, TIMESTAMP_DIFF, arguments)?,
        "odbc_database" => text(CATALOG),
        _ => return Ok(None),
    };
    Ok(Some(rewritten))
}

fn double(expr: Expr) -> Expr {
    cast_to(expr, DataType::Double(datafusion::sql::sqlparser::ast::ExactNumberInfo::None))
}

fn date_part(part: &str, from: Expr) -> Expr {
    call("date_part", vec![text(part), from])
}

fn plus_one(number: Expr) -> Expr {
    cast_to(binary(number, BinaryOperator::Plus, integer(1)), DataType::Int(None))
}

/// `LOCATE(a, b)` is where `a` begins in `b`; DataFusion has it the other way round.
/// As SQL defines it. DataFusion's function wants arguments of one type before the dialect could give them one.
fn coalesce(mut arguments: Vec<Expr>) -> Expr {
    let last = arguments.pop().map(Box::new);
    let conditions = arguments.into_iter().map(|value| CaseWhen {
        condition: Expr::IsNotNull(Box::new(Expr::Nested(Box::new(value.clone())))),
        result: value,
    });
    let token = AttachedToken::empty;
    Expr::Case {
        case_token: token(),
        end_token: token(),
        operand: None,
        conditions: conditions.collect(),
        else_result: last,
    }
}

fn locate(arguments: Vec<Expr>) -> Result<Expr> {
    if arguments.len() == 3 {
        return Ok(call(LOCATE, arguments));
    }
    let Ok([wanted, whole]) = <[Expr; 2]>::try_from(arguments) else {
        return Err(Error::new(ErrorKind::Syntax, "LOCATE takes 2 or 3 arguments"));
    };
    Ok(call("strpos", vec![whole, wanted]))
}

/// `INSERT(text, start, length, other)`: DataFusion's overlay with another order.
fn insert(arguments: Vec<Expr>) -> Result<Expr> {
    let [whole, start, length, other] = exactly("insert", arguments)?;
    Ok(call("overlay", vec![whole, other, start, length]))
}

/// The unit of TIMESTAMPADD and TIMESTAMPDIFF is a keyword, `SQL_TSI_DAY` or bare `DAY`; it goes on as a text.
fn with_unit(name: &str, function: &str, arguments: Vec<Expr>) -> Result<Expr> {
    let [unit, first, second] = exactly(name, arguments)?;
    let unit = match &unit {
        Expr::Identifier(unit) => unit.value.trim_start_matches("sql_tsi_").to_owned(),
        other => other.to_string(),
    };
    if !super::functions::is_unit(&unit) {
        let text = format!("{} is no unit of {}; write SQL_TSI_DAY and the like", unit, name.to_uppercase());
        return Err(Error::new(ErrorKind::Syntax, text));
    }
    Ok(call(function, vec![text(unit), first, second]))
}

fn one(name: &str, arguments: Vec<Expr>) -> Result<Expr> {
    exactly::<1>(name, arguments).map(|[argument]| argument)
}

fn exactly<const N: usize>(name: &str, arguments: Vec<Expr>) -> Result<[Expr; N]> {
    let given = arguments.len();
    arguments.try_into().map_err(|_| {
        let name = name.trim_start_matches("odbc_").to_uppercase();
        Error::new(ErrorKind::Syntax, format!("{name} takes {N} arguments, not {given}"))
    })
}
