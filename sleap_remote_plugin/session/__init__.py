"""One blocking call for each thing that a user wants; runs in worker threads.

No call here asks the user anything: what is missing is raised (`SignInNeeded`,
`HostKeyUnknown`), the caller asks, and makes the call again.
"""
