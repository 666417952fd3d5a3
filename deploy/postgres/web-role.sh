#!/bin/sh
# Makes the role of the web pages: it reads and changes rows, and makes and drops no tables.
#
# PostgreSQL's image runs this when it initializes the database. It may be run again at any time, on a
# database that has its tables already or to change the password, by whoever owns the tables:
#
#     PGHOST=HOST POSTGRES_USER=sweeper POSTGRES_DB=sweeper WEB_PASSWORD=... sh web-role.sh
set -eu
: "${WEB_PASSWORD:?is the password that the role is to have}"
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
    --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
-- From the environment, since other users can read a program's arguments.
\getenv password WEB_PASSWORD
SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sweeper_web') AS missing \gset
\if :missing
CREATE ROLE sweeper_web;
\endif
ALTER ROLE sweeper_web LOGIN PASSWORD :'password';
-- What everybody may do unless told otherwise: up to version 14 tables, and temporary ones.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO sweeper_web;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO sweeper_web;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sweeper_web;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO sweeper_web;
SQL
