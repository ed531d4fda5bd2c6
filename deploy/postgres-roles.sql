-- A role for each service that keeps rows: it owns its schema and sees no other. The passwords come from the
-- environment of psql. May be run again, to take over new passwords.
\set ON_ERROR_STOP on
\getenv auth_password AUTH_DATABASE_PASSWORD
\getenv user_password USER_DATABASE_PASSWORD
\getenv process_password PROCESS_DATABASE_PASSWORD

select format('create role %I', role)
from unnest(array['vestibule_auth', 'vestibule_user', 'vestibule_process']) as role
where role not in (select rolname from pg_roles)
\gexec

alter role vestibule_auth login password :'auth_password';
alter role vestibule_user login password :'user_password';
alter role vestibule_process login password :'process_password';

revoke all on database :"DBNAME" from public;
revoke all on schema public from public;
grant connect on database :"DBNAME" to vestibule_auth, vestibule_user, vestibule_process;

create schema if not exists auth authorization vestibule_auth;
create schema if not exists users authorization vestibule_user;
create schema if not exists process authorization vestibule_process;
