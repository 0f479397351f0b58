greeting-hello = Bonjour { $name } 👷
greeting-hello-nameless = Bonjour 👷
greeting-who = Je suis { $bot }, un assistant automatique. Vos messages sont enregistrés pour le suivi du chantier. Pour ne plus rien recevoir, écrivez *STOP*.
greeting-what-next = Que voulez-vous faire ?

help-menu = ❓ Aide
help-answer =
    Voici comment me parler :
    ✍️ Écrivez, touchez une ligne du menu ou répondez avec son numéro.
    🌐 Pour changer de langue, écrivez son nom, par exemple *English*.
    ✋ Pour ne plus recevoir de messages, écrivez *STOP*.
    🚨 En cas d’urgence, appelez le 112.

language-menu = 🌐 Langue
language-which = 🌐 Quelle langue voulez-vous parler ?
language-changed = C’est noté, je vous réponds maintenant en français.

stop-answer = C’est noté, vous ne recevrez plus de messages. Pour en recevoir de nouveau, écrivez *START*.

start-answer = Content de vous retrouver 👷 Vous recevez de nouveau les messages.

human-menu = 💬 Parler à l’équipe
human-about = Je transmets à l’équipe. C’est à propos de quoi ?
human-task = Une tâche
    .also = tâche|la tâche|mes tâches|le travail|mon travail
human-safety = La sécurité
    .also = sécurité|danger|un danger|c’est dangereux|accident|urgence
human-other = Autre chose
    .also = autre|une autre question|autre question|divers
human-called = J’appelle l’équipe ({ $time }). Je me tais jusqu’à sa réponse. Écrivez « { resume } » pour me rappeler.
human-kept = Votre demande est gardée ({ $time }), mais personne n’est de garde pour le moment. L’équipe la verra en ouvrant sa liste. Je me tais jusqu’à sa réponse. Écrivez « { resume } » pour me rappeler.
human-danger = En cas de danger, appelez d’abord le 112.
human-already = L’équipe a déjà votre demande (depuis { $time }).
