-- owner: environments
-- What happens to a value that does not fit the schema its function was deployed with. Off: functions run as they were written.
alter table environments
  add column validate_inputs text not null default 'off' check (validate_inputs in ('off', 'warn', 'fail')),
  add column validate_outputs text not null default 'off' check (validate_outputs in ('off', 'warn', 'fail')),
  add column validate_records text not null default 'off' check (validate_records in ('off', 'warn', 'fail'));
