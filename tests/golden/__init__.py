"""Every shape ever stored, and the script that writes down a new one."""
