greeting-hello = Bună ziua, { $name } 👷
greeting-hello-nameless = Bună ziua 👷
greeting-who = Sunt { $bot }, un asistent automat. Mesajele dumneavoastră sunt înregistrate pentru urmărirea lucrărilor de pe șantier. Dacă nu mai vreți să primiți mesaje, scrieți *STOP*.
greeting-what-next = Ce doriți să faceți?

help-menu = ❓ Ajutor
help-answer =
    Cum puteți vorbi cu mine:
    ✍️ Scrieți, apăsați pe un rând din meniu sau răspundeți cu numărul rândului.
    🌐 Ca să schimbați limba, scrieți numele limbii, de exemplu *English*.
    ✋ Ca să nu mai primiți mesaje, scrieți *STOP*.
    🚨 În caz de urgență, sunați la 112.

language-menu = 🌐 Limba
language-which = 🌐 În ce limbă doriți să vorbim?
language-changed = Bine, de acum vă răspund în română.

stop-answer = Bine, nu veți mai primi mesaje. Ca să le primiți din nou, scrieți *START*.

start-answer = Bine ați revenit 👷 Veți primi din nou mesaje.
