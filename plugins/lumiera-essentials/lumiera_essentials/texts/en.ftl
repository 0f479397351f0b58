greeting-hello = Hello { $name } 👷
greeting-hello-nameless = Hello 👷
greeting-who = I am { $bot }, an automatic assistant. Your messages are recorded to follow the work on site. If you want no more messages, write *STOP*.
greeting-what-next = What would you like to do?

help-menu = ❓ Help
help-answer =
    How to talk to me:
    ✍️ Write, tap a line of the menu, or answer with its number.
    🌐 To change the language, write its name, for example *Français*.
    ✋ If you want no more messages, write *STOP*.
    🚨 In an emergency, call 112.

language-menu = 🌐 Language
language-which = 🌐 Which language would you like to speak?
language-changed = All right, from now on I answer in English.

stop-answer = All right, you will get no more messages. To get them again, write *START*.

start-answer = Good to have you back 👷 You will get messages again.

human-menu = 💬 Talk to the team
human-about = I am passing this on to the team. What is it about?
human-task = A task
    .also = task|the task|my tasks|work|my work
human-safety = Safety
    .also = the safety|danger|a danger|it is dangerous|accident|emergency
human-other = Something else
    .also = other|another question|else|another thing
human-called = I am calling the team ({ $time }). I stay silent until they answer. Write “{ resume }” to call me back.
human-kept = Your request is kept ({ $time }), but nobody is on call right now. The team will see it when they open their list. I stay silent until they answer. Write “{ resume }” to call me back.
human-danger = If there is danger, call 112 first.
human-already = The team already has your request (since { $time }).
