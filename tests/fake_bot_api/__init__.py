"""A stand-in for the Bot API, over real HTTP and as strict as the real one: `client.FakeTelegram` starts one."""
