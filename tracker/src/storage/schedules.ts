// When the recurring jobs run: cron expressions, seconds first.

export const SWEEP_SCHEDULE = "* * * * * *";
export const ARCHIVE_SCHEDULE = "*/5 * * * * *";
export const STATISTICS_SCHEDULE = "*/10 * * * * *";
