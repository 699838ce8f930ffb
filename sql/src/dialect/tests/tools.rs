//! Statements that BI tools send. Each must be planned, described and run.

use super::*;

const STATEMENTS: &[&str] = &[
    // Tableau, generic ODBC
    "SELECT * FROM \"crm\".\"deals\" WHERE 1=0",
    "SELECT TOP 0 * FROM \"crm\".\"deals\"",
    "SELECT * FROM ( SELECT id, title FROM deals WHERE status = 'won' ) AS \"custom_sql_query\" LIMIT 0",
    "SELECT 1 AS \"COL\"",
    "SELECT TOP 1 \"COL\" FROM (SELECT 1 AS \"COL\") AS \"CHECKTOP\"",
    "SELECT \"SUBCOL\" AS \"COL\" FROM ( SELECT 1 AS \"SUBCOL\" ) \"SUBQUERY\" GROUP BY 1",
    "SELECT {fn CURRENT_TIMESTAMP(0)} AS \"now\"",
    "SELECT TOP 1000 \"deals\".\"id\" AS \"id\", \"deals\".\"title\" AS \"title\" FROM \"crm\".\"deals\" \"deals\"",
    "SELECT SUM(\"deals\".\"value\") AS \"sum_value_ok\" FROM \"crm\".\"deals\" \"deals\" HAVING (COUNT(1) > 0)",
    "SELECT SUM({fn CONVERT(1, SQL_BIGINT)}) AS \"sum_Number_of_Records_ok\" FROM \"crm\".\"deals\" \"deals\" HAVING (COUNT(1) > 0)",
    "SELECT \"deals\".\"status\" AS \"status\", SUM({fn CONVERT(\"deals\".\"owner_id\", SQL_BIGINT)}) AS \"sum_owner_id_ok\" FROM \"crm\".\"deals\" \"deals\" GROUP BY \"deals\".\"status\"",
    "SELECT SUM({fn CONVERT(NULL, SQL_BIGINT)}) AS \"sum_x_ok\" FROM \"crm\".\"deals\" \"deals\" HAVING (COUNT(1) > 0)",
    "SELECT \"deals\".\"status\" AS \"status\" FROM \"crm\".\"deals\" \"deals\" GROUP BY \"deals\".\"status\" ORDER BY \"status\" ASC",
    "SELECT CAST({fn TRUNCATE(EXTRACT(YEAR FROM \"deals\".\"add_time\"),0)} AS INTEGER) AS \"yr_add_time_ok\", COUNT(1) AS \"cnt_ok\" FROM \"crm\".\"deals\" \"deals\" GROUP BY CAST({fn TRUNCATE(EXTRACT(YEAR FROM \"deals\".\"add_time\"),0)} AS INTEGER)",
    "SELECT {fn TIMESTAMPADD(SQL_TSI_DAY,CAST({fn TRUNCATE((-1 * (EXTRACT(DAY FROM \"deals\".\"add_time\") - 1)),0)} AS INTEGER),CAST(\"deals\".\"add_time\" AS DATE))} AS \"tmn_add_time_ok\", SUM(\"deals\".\"value\") AS \"sum_value_ok\" FROM \"crm\".\"deals\" \"deals\" GROUP BY {fn TIMESTAMPADD(SQL_TSI_DAY,CAST({fn TRUNCATE((-1 * (EXTRACT(DAY FROM \"deals\".\"add_time\") - 1)),0)} AS INTEGER),CAST(\"deals\".\"add_time\" AS DATE))}",
    "SELECT COUNT(1) AS \"cnt_ok\" FROM \"crm\".\"deals\" \"deals\" WHERE ((\"deals\".\"add_time\" >= {fn TIMESTAMPADD(SQL_TSI_DAY,-9,CAST({fn CURRENT_TIMESTAMP(0)} AS DATE))}) AND (\"deals\".\"add_time\" < {fn TIMESTAMPADD(SQL_TSI_DAY,1,CAST({fn CURRENT_TIMESTAMP(0)} AS DATE))})) HAVING (COUNT(1) > 0)",
    "SELECT \"deals\".\"id\" AS \"id\" FROM \"crm\".\"deals\" \"deals\" WHERE ((CAST(\"deals\".\"add_time\" AS TIMESTAMP) >= {ts '2024-01-01 00:00:00'}) AND (CAST(\"deals\".\"add_time\" AS TIMESTAMP) <= {ts '2024-12-31 23:59:59'}))",
    "SELECT \"deals\".\"title\" AS \"title\" FROM \"crm\".\"deals\" \"deals\" WHERE (NOT (\"deals\".\"status\" IN ('open')) OR (\"deals\".\"status\" IS NULL)) GROUP BY \"deals\".\"title\"",
    "SELECT \"deals\".\"title\" AS \"title\" FROM \"crm\".\"deals\" \"deals\" WHERE ({fn LOCATE('abc',{fn LCASE(\"deals\".\"title\")},1)} > 0) GROUP BY \"deals\".\"title\"",
    "SELECT \"deals\".\"title\" AS \"title\" FROM \"crm\".\"deals\" \"deals\" WHERE ({fn LEFT({fn LTRIM(\"deals\".\"title\")}, 3)} = 'Big') AND ({fn RIGHT({fn RTRIM(\"deals\".\"title\")}, 2)} = 'Co') GROUP BY \"deals\".\"title\"",
    "SELECT SUM((CASE WHEN \"deals\".\"value\" > 0 THEN {fn LOG10(\"deals\".\"value\")} ELSE NULL END)) AS \"TEMP(Calculation_1)(3575797393)(0)\" FROM \"crm\".\"deals\" \"deals\" HAVING (COUNT(1) > 0)",
    "SELECT \"deals\".\"owner_id\" AS \"owner_id\", SUM(\"deals\".\"value\") AS \"sum_value_ok\" FROM \"crm\".\"deals\" \"deals\" INNER JOIN ( SELECT TOP 10 \"deals\".\"owner_id\" AS \"owner_id\", SUM(\"deals\".\"value\") AS \"Xtemp1_output\" FROM \"crm\".\"deals\" \"deals\" GROUP BY \"deals\".\"owner_id\" ORDER BY \"Xtemp1_output\" DESC ) \"t0\" ON (\"deals\".\"owner_id\" = \"t0\".\"owner_id\") GROUP BY \"deals\".\"owner_id\"",
    "SELECT {fn TIMESTAMPADD(SQL_TSI_DAY,{fn CONVERT({fn TRUNCATE((-1 * ({fn DAYOFMONTH(\"deals\".\"add_time\")} - 1)),0)}, SQL_BIGINT)},{fn CONVERT(\"deals\".\"add_time\", SQL_DATE)})} AS \"tmn_add_time_ok\" FROM \"crm\".\"deals\" \"deals\" GROUP BY {fn TIMESTAMPADD(SQL_TSI_DAY,{fn CONVERT({fn TRUNCATE((-1 * ({fn DAYOFMONTH(\"deals\".\"add_time\")} - 1)),0)}, SQL_BIGINT)},{fn CONVERT(\"deals\".\"add_time\", SQL_DATE)})}",
    "SELECT {fn TIMESTAMPADD(SQL_TSI_MONTH,{fn CONVERT({fn TRUNCATE((3 * ({fn CONVERT({fn TRUNCATE({fn QUARTER(\"deals\".\"add_time\")},0)}, SQL_BIGINT)} - 1)),0)}, SQL_BIGINT)},{fn TIMESTAMPADD(SQL_TSI_DAY,{fn CONVERT({fn TRUNCATE((-1 * ({fn DAYOFYEAR(\"deals\".\"add_time\")} - 1)),0)}, SQL_BIGINT)},{fn CONVERT(\"deals\".\"add_time\", SQL_DATE)})})} AS \"tqr_add_time_ok\" FROM \"crm\".\"deals\" \"deals\"",
    "SELECT {fn TIMESTAMPADD(SQL_TSI_HOUR,{fn HOUR(\"deals\".\"add_time\")},{fn CONVERT(\"deals\".\"add_time\", SQL_DATE)})} AS \"thr_add_time_ok\" FROM \"crm\".\"deals\" \"deals\"",
    "SELECT {fn TIMESTAMPADD(SQL_TSI_DAY,(-1 * ({fn MOD((7 + {fn DAYOFWEEK(\"deals\".\"add_time\")} - 2), 7)})),{fn CONVERT(\"deals\".\"add_time\", SQL_DATE)})} AS \"w1\" FROM \"crm\".\"deals\" \"deals\"",
    "SELECT {fn LTRIM({fn CONVERT(\"deals\".\"id\", SQL_VARCHAR)})} AS \"s\", {fn LTRIM({fn CONVERT({fn HOUR({fn CONVERT(\"deals\".\"add_time\", SQL_TIMESTAMP)})}, SQL_VARCHAR)})} AS \"h\" FROM \"crm\".\"deals\" \"deals\"",
    "SELECT ({fn TIMESTAMPDIFF(SQL_TSI_DAY,{d '1900-01-01'},{fn CONVERT(\"deals\".\"add_time\", SQL_DATE)})} + {fn HOUR(\"deals\".\"add_time\")} / 24.0 + {fn MINUTE(\"deals\".\"add_time\")} / (24.0 * 60) + {fn SECOND(\"deals\".\"add_time\")} / (24.0 * 60 * 60)) AS \"n\" FROM \"crm\".\"deals\" \"deals\"",
    // Power Query and Power BI
    "select \"id\", \"title\" from \"pipedrive\".\"crm\".\"deals\" order by \"id\" offset 200 rows fetch first 100 rows only",
    "select count(1) as \"C1\" from ( select \"id\", \"C1\" from ( select \"id\", cast(\"add_time\" as TIMESTAMP) as \"C1\" from \"pipedrive\".\"crm\".\"deals\" ) as \"ITBL\" where \"C1\" >= { ts '2024-01-01 00:00:00' } and \"C1\" <= { ts '2024-12-31 00:00:00' } ) as \"ITBL\"",
    "select \"id\" from \"pipedrive\".\"crm\".\"deals\" where cast(\"add_time\" as DATE) in ({ d '2024-01-01' }, { d '2024-01-02' }, { d '2024-01-03' })",
    "select \"status\", count(\"value\") as \"C1\" from \"pipedrive\".\"crm\".\"deals\" group by \"status\" order by \"C1\" desc, \"status\" limit 1001",
    "select \"name\", \"C1\", \"C2\" from ( select \"name\", SUM(\"value\") as \"C1\", count(\"id\") as \"C2\" from ( select \"OTBL\".\"id\", \"OTBL\".\"value\", \"ITBL\".\"name\" from \"pipedrive\".\"crm\".\"deals\" as \"OTBL\" left outer join \"pipedrive\".\"crm\".\"persons\" as \"ITBL\" on (\"OTBL\".\"owner_id\" = \"ITBL\".\"id\") ) as \"ITBL\" group by \"name\" ) as \"ITBL\" where not \"C1\" is null or not \"C2\" is null limit 1000001",
    "select count(*) as \"C1\" from \"pipedrive\".\"crm\".\"deals\" as \"OTBL\" inner join \"pipedrive\".\"crm\".\"persons\" as \"ITBL\" on ((\"OTBL\".\"owner_id\" = \"ITBL\".\"id\" and \"OTBL\".\"owner_id\" is not null) and \"ITBL\".\"id\" is not null or \"OTBL\".\"owner_id\" is null and \"ITBL\".\"id\" is null)",
    "select \"OTBL\".\"id\" from \"pipedrive\".\"crm\".\"deals\" as \"OTBL\" left outer join \"pipedrive\".\"crm\".\"persons\" as \"ITBL\" on (cast(\"OTBL\".\"owner_id\" as DOUBLE) = cast(\"ITBL\".\"id\" as DOUBLE)) where \"ITBL\".\"name\" = 'Ann'",
    "select \"close_date\" from ( select \"close_date\", \"C1\", case when \"C1\" is not null then { fn timestampadd(SQL_TSI_DAY, { fn timestampdiff(SQL_TSI_DAY, {d '2000-01-01'}, \"C1\") }, {ts '2000-01-01 00:00:00'}) } else {ts '1899-12-28 00:00:00'} end as \"C2\", case when \"C1\" is null then 0 else 1 end as \"C3\" from ( select \"close_date\", \"close_date\" as \"C1\" from (select cast(\"add_time\" as DATE) as \"close_date\" from \"pipedrive\".\"crm\".\"deals\") as \"ITBL\" ) as \"ITBL\" group by \"close_date\", \"C1\" ) as \"ITBL\" order by \"ITBL\".\"C2\", \"ITBL\".\"C3\" limit 501",
    "select { fn convert(\"id\", SQL_WVARCHAR) } as \"C1\" from \"pipedrive\".\"crm\".\"deals\" where { fn convert(\"value\", SQL_DOUBLE) } > 1",
    "select \"status\", count(1) as \"C1\" from ( SELECT * FROM deals WHERE owner_id = 1 ) as \"_\" group by \"status\"",
    "select { fn year(\"add_time\") } as \"C1\", { fn month(\"add_time\") } as \"C2\" from \"pipedrive\".\"crm\".\"deals\" group by { fn year(\"add_time\") }, { fn month(\"add_time\") }",
    // Excel and Access
    "SELECT deals.id, deals.title FROM pipedrive.crm.deals deals WHERE (deals.status='won') AND (deals.value>=1000) ORDER BY deals.title DESC",
    "SELECT deals.title, persons.name FROM {oj pipedrive.crm.deals deals LEFT OUTER JOIN pipedrive.crm.persons persons ON deals.owner_id = persons.id}",
    "SELECT deals.status, Sum(deals.value) AS 'Sum of value', Count(deals.id) FROM pipedrive.crm.deals deals GROUP BY deals.status HAVING (Sum(deals.value)>0)",
    "SELECT \"crm\".\"deals\".\"id\" FROM \"crm\".\"deals\" WHERE (\"status\" = 'won' ) ORDER BY \"crm\".\"deals\".\"title\" ",
    "SELECT \"crm\".\"deals\".\"id\" FROM \"crm\".\"deals\" WHERE (\"is_deleted\" = 1 ) ",
    "SELECT \"crm\".\"deals\".\"title\" ,\"crm\".\"persons\".\"name\"  FROM {oj \"crm\".\"deals\" LEFT OUTER JOIN \"crm\".\"persons\" ON (\"crm\".\"deals\".\"owner_id\" = \"crm\".\"persons\".\"id\" ) }",
    "SELECT COUNT(* )  FROM \"crm\".\"deals\" WHERE (\"status\" = 'open' ) ",
    "SELECT \"crm\".\"deals\".\"id\" FROM \"crm\".\"deals\" WHERE ({fn ucase(\"title\" )} LIKE 'A%' ) ",
    // Others
    "SELECT \"Tbl1002\".\"id\" \"Col1004\" FROM \"pipedrive\".\"crm\".\"deals\" \"Tbl1002\" ORDER BY \"Col1004\" ASC",
    "select a11.\"status\" AS \"status\", sum(a11.\"value\") AS \"WJXBFS1\" from \"crm\".\"deals\" a11 join \"crm\".\"persons\" a12 on (a11.\"owner_id\" = a12.\"id\") where a12.\"name\" in ('Ann') group by a11.\"status\"",
    "SELECT '{d ''2024-01-01''}' AS \"x\", \"{fn col}\" FROM (SELECT 1 AS \"{fn col}\") AS \"t\"",
    "/* {\"app\":\"x\"} */ SELECT COUNT(*) FROM crm.deals -- {ts 'no'}",
    "SELECT MIN(\"deals\".\"add_time\") AS \"TEMP(TC_)(1)(0)\" FROM \"crm\".\"deals\" \"deals\" GROUP BY 1.1000000000000001",
];

#[test]
fn statements_of_tools_are_planned_described_and_run() {
    let mut failed = Vec::new();
    for sql in STATEMENTS {
        for sql in
            [(*sql).to_owned(), format!("{};", sql.replace(" from ", "\r\nfrom ").replace(" FROM ", "\r\nFROM "))]
        {
            // What follows a comment to the end of the line must stay in it.
            if sql.contains("--") && sql.ends_with(';') {
                continue;
            }
            if let Err(error) = rows(&sql) {
                failed.push(format!("{:?} {error}\n    {sql}", error.kind()));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn probes_that_must_fail_fail() {
    for sql in [
        "SELECT \"SUBCOL\" AS \"COL\" FROM ( SELECT 1 AS \"SUBCOL\" ) \"SUBQUERY\" GROUP BY 2",
        "CREATE LOCAL TEMPORARY TABLE \"XTableau_B_Connect\" ( \"COL\" INTEGER ) ON COMMIT PRESERVE ROWS",
        "INSERT INTO \"XTableau_C_Connect\" SELECT * FROM (SELECT 1 AS COL) AS CHECKTEMP LIMIT 1",
        "SELECT * INTO \"XTableau_C_Connect\" FROM (SELECT 1 AS COL) AS CHECKTEMP",
        "DROP TABLE \"XTableau_B_Connect\"",
        "SELECT Config, nValue FROM MSysConf",
        "UPDATE \"crm\".\"deals\" SET \"title\"=?  WHERE \"id\" = ?",
    ] {
        assert!(rows(sql).is_err(), "{sql}");
    }
}

#[test]
fn hours_added_to_a_date_are_not_lost() {
    let sql = "SELECT {fn TIMESTAMPADD(SQL_TSI_HOUR,{fn HOUR(add_time)},{fn CONVERT(add_time, SQL_DATE)})} FROM deals WHERE id = 1";
    assert_eq!(found(sql), ["2023-11-14 22:00:00"]);
}
