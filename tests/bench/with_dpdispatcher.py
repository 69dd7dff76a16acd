"""What dpdispatcher does: asks for jobs once, or submits one. Run by peers.py."""

import json
import sys
import time

from dpdispatcher import Machine, Resources, Submission, Task


def machine(orders, folder):
    profile = {
        "hostname": orders["gateway"],
        "username": orders["user"],
        "key_filename": orders["key"],
        "proxy_command": orders["proxy"],
    }
    return Machine.load_from_dict(
        {
            "batch_type": "Slurm",
            "context_type": "SSHContext",
            "local_root": ".",
            "remote_root": folder,
            "remote_profile": profile,
        }
    )


def submission(orders, number):
    resources = Resources(
        number_node=1,
        cpu_per_node=1,
        gpu_per_node=0,
        queue_name=orders["partition"],
        group_size=1,
    )
    tasks = [
        Task("true {}".format(i), "./", forward_files=[], backward_files=[])
        for i in range(number)
    ]
    made = Submission(
        "./",
        machine(orders, orders["folder"]),
        resources,
        task_list=tasks,
    )
    made.generate_jobs()
    return made


def submit(orders):
    made = submission(orders, 1)
    made.run_submission(exit_on_submit=True)
    return "id {}".format(made.belonging_jobs[0].job_id)


def main():
    orders = json.loads(sys.stdin.readline())
    if orders["what"] == "submit":
        tell({"ready": True})
        try:
            tell({"end": submit(orders)})
        except Exception as error:  # run again, as its message says
            again = "{}, run again: {}"
            tell({"end": again.format(type(error).__name__, submit(orders))})
        return
    made = submission(orders, len(orders["ids"]))
    made.machine.context.bind_submission(made)
    made.upload_jobs()
    for job, slurm_id in zip(made.belonging_jobs, orders["ids"]):
        job.job_id = slurm_id
    tell({"ready": True})
    began = time.monotonic()
    made.update_submission_state()
    took = time.monotonic() - began
    tell({"seconds": took, "period": took + 30.0})  # run_submission's check_interval


def tell(what):
    print(json.dumps(what), flush=True)
    if "ready" in what:
        sys.stdin.readline()


if __name__ == "__main__":
    main()
