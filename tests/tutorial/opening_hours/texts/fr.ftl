hours-answer = Le dépôt ouvre de { $open } à { $close }.
