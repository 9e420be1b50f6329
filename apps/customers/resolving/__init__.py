"""Who is who by likeness: every night over all records, within seconds for a new one, and by people where it is in doubt.

`persons` reads people out of their details, `learning` keeps the model in force, `keeping_keys` what records are found by,
`arriving` holds a new record against the others, `rebuilding` all of them, `doubting` keeps the pairs that wait for a clerk,
`deciding` is what clerks do with them, `wording` says in plain words why two are alike. The sums are those of the engine in
apps.customers.matching; who is joined goes through `services.joining`.
"""
