# scripts of their own, which import packages that are not installed here
collect_ignore_glob = ["use*.py", "run.py", "communities.py"]
