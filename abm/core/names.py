"""Words that every part of the framework shares."""

LAYERS = ("organizational", "interest", "social")
"""The three layers of joint-points: 组织接点, 利益接点, 社会接点."""

BACKGROUND = "background"
"""Ties that exist without any joint-point: kin and market."""

POPULATIONS = ("all", "urban", "rural", "registered", "floating")
"""The populations that outcomes are measured for; *floating* (流动人口): not locally registered."""

INCOME_SOURCES = ("wage", "business", "property", "transfer")
"""The four sources of disposable income of China's statistics office (工资性, 经营净, 财产净, 转移净)."""

QUESTIONS = ("cut", "programme")
BUDGETS = ("neutral", "withheld")

SECTORS = ("farm", "tourism", "processing", "solar", "services")
"""What enterprises do: farming, tourism and photovoltaics are named by S0 (三 (二)); processing and services added."""
