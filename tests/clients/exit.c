/* Returns from main while another thread waits for a page of a scan. The connection string is its argument. */

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <sql.h>
#include <sqlext.h>

static SQLHSTMT statement;
static volatile int rows;

static void *scan(void *nothing)
{
    while (SQL_SUCCEEDED(SQLFetch(statement)))
        rows++;
    return nothing;
}

int main(int count, char **arguments)
{
    SQLHENV environment;
    SQLHDBC connection;
    pthread_t thread;
    int before;

    if (count != 2)
        return 2;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection);
    if (!SQL_SUCCEEDED(SQLDriverConnect(connection, NULL, (SQLCHAR *)arguments[1], SQL_NTS, NULL, 0, NULL,
                                        SQL_DRIVER_NOPROMPT)))
        return 3;
    SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement);
    if (!SQL_SUCCEEDED(SQLExecDirect(statement, (SQLCHAR *)"SELECT id FROM deals", SQL_NTS)))
        return 4;
    if (pthread_create(&thread, NULL, scan, NULL))
        return 5;
    /* Until it waits: the rows of the first page are there, and no more come. */
    do {
        before = rows;
        usleep(500000);
    } while (rows == 0 || rows != before);
    puts("ends");
    fflush(stdout);
    return 0;
}
