# The core's own words. `.also` lists, between |, what people type for a title; case and accents do not matter.

## Buttons (20 characters at most) and rows (24)

yes = Oui
    .also = o|ouais|oui oui|ok|okay|d’accord|daccord|bien sûr|exact|c’est ça|👍|✅
no = Non
    .also = n|nan|non non|non merci|pas du tout|👎|❌
confirm = Confirmer
    .also = je confirme|confirmé|valider|je valide|oui|o|ouais|ok|d’accord|daccord|envoyer|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Annuler
    .also = annule|annulez|j’annule|abandonner|laisser tomber
skip = Passer
    .also = passe|je passe|sauter|rien|aucun|aucune|pas de photo|non|n|non merci|⏭️
more = ➡️ Suite
    .also = suivant|plus|la suite
# At any question too: no word that could answer one.
correct = Corriger
    .also = corrige|corrigez|je corrige|je veux corriger|modifier|modifie|je me suis trompé|je me suis trompée|changer ma réponse
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Reprendre
    .also = reprends|reprendre la demande|continuer|revenir au bot|retour au bot|parler au bot
drop = Supprimer
    .also = supprime|supprimez|je supprime|effacer|efface|effacez|j’efface|jeter
choose = Choisir
numbers-hint = Répondez avec un numéro.

moment-now = Maintenant
    .also = tout de suite|à l’instant|en ce moment|là
moment-today = Aujourd’hui
    .also = aujourdhui|ce jour|ce matin|cet après-midi|auj
moment-yesterday = Hier
    .also = la veille|hier matin|hier soir

## What the bot says when no plugin answers

undecided = Je n’ai pas compris. Voici ce que je sais faire :
undecided-media = J’ai bien reçu votre fichier, mais je ne sais pas quoi en faire. Voici ce que je sais faire :
clarify = Je ne suis pas sûr de comprendre. Que voulez-vous faire ?
question-missed = Je n’ai pas compris votre réponse.
question-human = Je n’arrive pas à comprendre. Vous pouvez aussi parler à quelqu’un.
choice-gone = Ce choix n’est plus valable.
photo-added = C’est noté, la photo est ajoutée.

dialogue-cancelled = D’accord, j’arrête cette demande.
dialogue-draft = Ce formulaire a changé entre-temps. Vos réponses sont gardées. Voulez-vous recommencer ?
draft-restart = Recommencer
dialogue-parked = Une demande n’est pas terminée : « { $question } » Voulez-vous la reprendre ?
dialogue-dropped = D’accord, la demande est supprimée.
dialogue-failed = Désolé, cela n’a pas marché. Vos réponses sont gardées et l’équipe peut les voir.
correct-which = Que voulez-vous corriger ?
correct-nothing = Il n’y a rien à corriger pour le moment.

voice-unheard = Je n’ai pas compris le message vocal. Écrivez-le ou dites-le encore une fois, s’il vous plaît.
limited = Vous envoyez beaucoup de messages à la fois. Ils sont gardés, mais je n’y réponds pas. Écrivez-moi de nouveau dans une minute, s’il vous plaît.
refused = Je ne connais pas votre numéro. Demandez à votre chef de chantier de vous inscrire.
blocked = Votre numéro est bloqué. Parlez-en à votre chef de chantier.
working = ⏳ Je travaille encore sur votre demande…
apology = Désolé, c’est trop long de notre côté. Réessayez dans un moment, s’il vous plaît.
turn-lost = Désolé, je n’ai pas pu traiter votre message. Il est gardé et le problème est signalé. Réessayez, s’il vous plaît.

## A human is called

escalation-reached = ✅ Votre demande est arrivée chez une personne de l’équipe à { $time }. Elle vous répondra ici.
escalation-next = La personne de garde ne répond pas. J’appelle quelqu’un d’autre de l’équipe.
escalation-nobody = Je n’arrive à joindre personne de l’équipe pour le moment. Votre demande est gardée. En cas de danger, appelez le 112. Écrivez « { resume } » pour continuer avec moi.
escalation-expired = L’équipe ne vous a pas répondu à temps, désolé. Votre demande reste gardée. Je suis de nouveau là pour vous.
escalation-handed-back = La discussion avec l’équipe est terminée. Je suis de nouveau là pour vous.
bot-resumed = Me revoilà. Que voulez-vous faire ?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) a besoin de quelqu’un : { $reason }. { $details }

    Répondez à ce message (faites-le glisser), ou : lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ C’est transmis à { $name }. Répondez encore de la même façon ; écrivez « { resume } » de la même façon pour rendre la discussion à l’assistant.
escalation-over = La discussion avec { $name } est terminée : l’assistant lui répond de nouveau.
escalation-reason-asked = demande à parler à quelqu’un
escalation-reason-task = question sur une tâche
escalation-reason-safety = question de sécurité
escalation-reason-other = autre question
escalation-reason-slow = attend une réponse depuis trop longtemps
escalation-reason-undelivered = n’a pas reçu notre réponse
escalation-reason-failed = son message n’a pas pu être traité
escalation-reason-unfinished = une demande importante n’est pas terminée

## Languages

language-name-fr = Français
language-name-en = Anglais
language-name-es = Espagnol
language-name-pt = Portugais
language-name-de = Allemand
language-name-it = Italien
language-name-ro = Roumain
language-name-pl = Polonais
language-name-ar = Arabe

## Files that users send

media-too-large = Ce fichier est trop lourd pour moi. Envoyez-en un plus petit, s’il vous plaît.
media-refused = Je ne peux pas garder ce genre de fichier. Envoyez une photo, un message vocal, une vidéo ou un PDF.
media-broken = Je n’arrive pas à lire ce fichier. Envoyez-le encore une fois, s’il vous plaît.

## Errors, by code

error-user_1001 = Je ne trouve pas votre compte. Demandez à votre chef de chantier de vous inscrire.
error-user_1002 = Vous n’avez pas le droit de faire cela. Parlez-en à votre chef de chantier.
error-user_1003 = Votre numéro de téléphone n’est pas valable. Parlez-en à votre chef de chantier.
error-project_2001 = Je ne trouve pas ce chantier parmi les vôtres. Vérifiez le nom, s’il vous plaît.
error-project_2002 = Vous n’avez pas encore de chantier. Demandez à votre chef de chantier de vous en donner un.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = Je ne trouve pas cette tâche. Choisissez-en une autre, s’il vous plaît.
error-project_2005 = Je ne trouve pas ce document. Choisissez-en un autre, s’il vous plaît.
error-integration_3001 = Désolé, je n’ai pas accès aux données en ce moment. Réessayez dans quelques minutes.
error-integration_3002 = Désolé, je n’ai pas accès aux données du chantier en ce moment. Réessayez dans quelques minutes.
error-integration_3003 = Désolé, l’envoi du message n’a pas marché. Réessayez dans quelques minutes.
error-integration_3004 = Désolé, je n’ai pas pu traduire ce message. Écrivez-le avec d’autres mots.
error-integration_3005 = Désolé, je n’ai pas pu écouter votre message vocal. Écrivez-le, s’il vous plaît.
error-logic_4001 = Je n’ai pas compris votre demande. Écrivez-la avec d’autres mots.
error-logic_4002 = Je ne peux plus faire cela. Choisissez autre chose, s’il vous plaît.
error-logic_4003 = Cette réponse ne va pas. Vérifiez-la et réessayez.
error-logic_4004 = J’ai perdu le fil de notre conversation. Dites-moi encore une fois ce que vous voulez faire.
error-system_5001 = Désolé, il y a un problème de notre côté. Réessayez dans quelques minutes.
error-system_5002 = Désolé, cela prend trop de temps. Réessayez dans quelques minutes.
error-system_5003 = Désolé, ce service ne marche pas en ce moment. Réessayez plus tard.
error-system_5004 = Désolé, je ne peux pas répondre à cela en ce moment. Réessayez plus tard.
