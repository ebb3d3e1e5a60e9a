import { Module } from '@nestjs/common';
import { ImportsModule } from '../imports/imports.module.js';
import { ActivityController } from './activity.controller.js';
import { ActivityService } from './activity.service.js';
import { InteractionsController } from './interactions.controller.js';
import { InteractionsService } from './interactions.service.js';
import { UserInteractionsController } from './user-interactions.controller.js';

@Module({
  imports: [ImportsModule],
  controllers: [InteractionsController, UserInteractionsController, ActivityController],
  providers: [InteractionsService, ActivityService],
})
export class InteractionsModule {}
